import { expect, test } from 'vitest'
import { siblingStore } from '../src/backend.js'

test('a file beside another is found, local or by URL with its token', async () => {
  const local = await siblingStore('b.tif', { location: { path: '/data/a.tif' }, context: {} })
  expect(local.path).toBe('/data/b.tif')
  const asked: string[] = []
  const fetch: typeof globalThis.fetch = async (url) => {
    asked.push(String(url))
    return new Response('bytes')
  }
  const url = new URL('https://host/data/a.tif?token=1')
  const remote = await siblingStore('x y/b.tif', { location: { path: 'https://host/data/a.tif', url }, context: { fetch } })
  await remote.get('')
  expect(asked).toEqual(['https://host/data/x%20y/b.tif?token=1'])
  expect(remote.path).toBe('https://host/data/x%20y/b.tif')
})

test.each(['../b.tif', '/etc/passwd', 'c:\\b.tif', 'https://other/b.tif', 'x/../../b.tif'])('%s leaves the folder', async (name) => {
  const path = '/data/a.tif'
  await expect(siblingStore(name, { location: { path }, context: {} })).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED' })
  await expect(siblingStore(name, { location: { path }, context: {}, anywhere: false })).rejects.toThrow(/followOutside/)
  expect((await siblingStore(name, { location: { path }, context: {}, anywhere: true })).identity).toBeTypeOf('string')
})

test('a file without a path has no siblings', async () => {
  await expect(siblingStore('b.tif', { location: { path: undefined }, context: {} })).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
})
