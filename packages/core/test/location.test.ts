import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { createRegistry, memoryStore } from '../src/index.js'
import { localPathOf, resolveLocation } from '../src/location.js'
import { codeOf } from './helpers/code-of.js'

const context = { registry: createRegistry([]) }

test.each(['scan:2.mrc', 'well-a1:raw/x.zarr'])('a name with a colon is a local path: %s', async (name) => {
  expect(await resolveLocation(name, context)).toMatchObject({ path: resolve(name), store: { remote: false } })
})

test('a scheme with slashes, and any URL object, is a URL', async () => {
  expect(await codeOf(resolveLocation('gopher://host/x', context))).toBe('ERR_UNSUPPORTED')
  expect(await codeOf(resolveLocation(new URL('gopher:x'), context))).toBe('ERR_UNSUPPORTED')
})

test('the scheme of a registered package needs no slashes', async () => {
  const registry = createRegistry([])
  const store = memoryStore()
  registry.registerStore({ id: 'made-up', schemes: ['made:'], open: async () => store })
  expect((await resolveLocation('made:up', { registry })).store).toBe(store)
})

test('what names a local path is told apart from URLs', () => {
  const registry = createRegistry([])
  registry.registerStore({ id: 'made-up', schemes: ['made:'], open: async () => memoryStore() })
  expect(localPathOf('scan:2.mrc', registry)).toBe('scan:2.mrc')
  expect(localPathOf('C:\\data\\x.zarr', registry)).toBe('C:\\data\\x.zarr')
  expect(localPathOf('file:///data/a%20b.zarr', registry)).toBe('/data/a b.zarr')
  expect(localPathOf(new URL('file:///data/x.zarr'), registry)).toBe('/data/x.zarr')
  for (const url of ['https://host/x', 'HTTP:host/x', 'gopher://host/x', 'made:up']) expect(localPathOf(url, registry)).toBeUndefined()
})

test('a file: URL of another host names no local path', async () => {
  expect(await codeOf(resolveLocation('file://elsewhere/data/x.zarr', context))).toBe('ERR_INVALID_ARGUMENT')
})
