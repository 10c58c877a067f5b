import { readdirSync, readFileSync } from 'node:fs'
import { globalRegistry } from '@bioimage/core'
import { expect, it } from 'vitest'
import '../src/index.js'

const packagesFolder = new URL('../../', import.meta.url)
const backends = readdirSync(packagesFolder).filter((name) => {
  try {
    return readFileSync(new URL(`${name}/src/index.ts`, packagesFolder), 'utf8').includes('registerSource(')
  } catch {
    return false
  }
})

it('registers every backend of the workspace', () => {
  const registered = globalRegistry()
    .drivers()
    .map(({ id }) => id)
  expect(registered.toSorted()).toEqual(backends.map((name) => `@bioimage/${name}`).toSorted())
})

it('depends on every backend of the workspace', () => {
  const { dependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  expect(Object.keys(dependencies).toSorted()).toEqual(backends.map((name) => `@bioimage/${name}`).toSorted())
})
