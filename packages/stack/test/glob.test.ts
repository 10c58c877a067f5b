import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { globMatcher } from '../src/glob.js'

const globs: readonly (readonly [string, string, boolean])[] = JSON.parse(
  readFileSync(new URL('fixtures/globs.json', import.meta.url), 'utf8')
)

it.each(globs)('%j and %j: %j, as in Python', (pattern, name, expected) => {
  expect(globMatcher(pattern)(name)).toBe(expected)
})

it('ends soon for a pattern of many runs', () => {
  expect(globMatcher(`${'*a'.repeat(40)}b`)('a'.repeat(250))).toBe(false)
})
