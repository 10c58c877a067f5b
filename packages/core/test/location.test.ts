import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { createRegistry, memoryStore } from '../src/index.js'
import { resolveLocation } from '../src/location.js'
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
