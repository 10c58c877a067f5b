import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createObject, memoryStore } from '../src/backend.js'
import { fileSystemStore } from '../src/index.js'

const folder = mkdtempSync(join(tmpdir(), 'bioimage-commit-size-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each(['file', 'memory'])('a new object in a %s may be cut at its commit', async (place) => {
  const path = join(folder, 'object')
  const store = place === 'file' ? fileSystemStore(path) : memoryStore([])
  const writer = await createObject(store, '', { size: 1000 })
  await writer.write(0, Uint8Array.of(1, 2, 3, 4))
  await writer.commit(3)
  expect([...((await store.get('')) ?? [])]).toEqual([1, 2, 3])
  if (place === 'file') expect(readFileSync(path).length).toBe(3)
})
