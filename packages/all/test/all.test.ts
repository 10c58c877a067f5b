import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { globalRegistry } from '@bioimage/core'
import { expect, it } from 'vitest'
import '../src/index.js'

const packagesFolder = new URL('../../', import.meta.url)
const packagesThat = (registers: RegExp): string[] =>
  readdirSync(packagesFolder)
    .filter((name) => {
      const index = new URL(`${name}/src/index.ts`, packagesFolder)
      return existsSync(index) && registers.test(readFileSync(index, 'utf8'))
    })
    .map((name) => `@bioimage/${name}`)
    .toSorted()

it('registers every backend of the workspace', () => {
  // A package may bring several kinds.
  const registered = new Set(
    globalRegistry()
      .drivers()
      .map(({ id }) => id)
  )
  expect([...registered].toSorted()).toEqual(packagesThat(/^registerSource\(/m))
})

it('depends on every backend and store of the workspace', () => {
  const { dependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  expect(Object.keys(dependencies).toSorted()).toEqual(packagesThat(/^register(Source|Store)\(/m))
})
