import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import '@bioimage/codecs/image'
import { encodeBytes } from '@bioimage/codecs'
import { fileSystemStore, type NdArray, openSource } from '@bioimage/core'
import { bytesOf } from '@bioimage/core/backend'
import { stack } from '@bioimage/stack'
import { referenceArray, type TestedBackend, testBackend } from '@bioimage/testing'
import { afterAll, describe, expect, it } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'bioimage-stack-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Writes the planes of an array of 8 bits as PNG. */
async function writeSlices(name: string, array: NdArray): Promise<string> {
  const path = mkdtempSync(join(folder, name))
  const [count = 0, height = 0, width = 0, channels = 1] = array.shape
  const size = height * width * channels
  for (let at = 0; at < count; at++) {
    const plane = bytesOf(array.data).slice(at * size, (at + 1) * size)
    writeFileSync(join(path, `s${String(at).padStart(2, '0')}.png`), await encodeBytes({ id: 'png', width, height, channels }, plane))
  }
  return path
}

const gray = referenceArray([6, 7, 8], 'uint8')
const colour = referenceArray([3, 4, 5, 3], 'uint8')
const grayPath = await writeSlices('gray', gray)
const colourPath = await writeSlices('colour', colour)

const bad = async (name: string, change: (path: string) => Promise<void> | void): Promise<string> => {
  const path = await writeSlices(name, gray)
  await change(path)
  return path
}
const other = await encodeBytes({ id: 'png', width: 4, height: 14 }, bytesOf(gray.data).slice(0, 56))
const badPaths = {
  'a slice of another shape': ['ERR_CORRUPT_DATA', await bad('shape', (path) => writeFileSync(join(path, 's03.png'), other))],
  'a slice that is no image': ['ERR_CORRUPT_DATA', await bad('noise', (path) => writeFileSync(join(path, 's03.png'), 'noise'))],
  'a first slice that is empty': ['ERR_CORRUPT_DATA', await bad('empty', (path) => writeFileSync(join(path, 's00.png'), ''))],
  'no slices': ['ERR_NOT_FOUND', await bad('none', (path) => rmSync(path, { recursive: true }))]
} as const
const badInputs: TestedBackend['badInputs'] = Object.entries(badPaths).map(([name, [code, path]]) => ({
  name,
  code,
  open: ({ wrap }) => openSource(wrap(fileSystemStore(path)), { format: 'stack', internalPath: '*.png' })
}))

for (const [name, reference, path] of [
  ['gray', gray, grayPath],
  ['colour', colour, colourPath]
] as const) {
  testBackend(
    { describe, it },
    {
      name: `stack ${name}`,
      kind: 'stack',
      driver: stack,
      reference,
      chunks: [1, ...reference.shape.slice(1)],
      shards: null,
      capabilities: { store: true, spec: { worker: { modules: [new URL('../dist/index.js', import.meta.url).href] } }, write: 'none' },
      open: ({ wrap, context, signal }) =>
        openSource(wrap(fileSystemStore(path)), { format: 'stack', internalPath: '*.png', context, signal }),
      ...(name === 'gray' && { badInputs })
    }
  )
}

describe('the slices of a folder', () => {
  it('are recognised, and must be named', async () => {
    await expect(openSource(grayPath)).rejects.toMatchObject({ code: 'ERR_ARRAY_NOT_CHOSEN', message: expect.stringContaining('"*.png"') })
    expect((await openSource(grayPath, { internalPath: 's0[1-3].png' })).shape).toEqual([3, 7, 8])
  })
  it('stand in the order of their names, or of their numbers on request', async () => {
    const path = mkdtempSync(join(folder, 'order'))
    for (const [at, name] of ['s10', 's2', 'S1', '.hidden'].entries()) {
      writeFileSync(join(path, `${name}.png`), await encodeBytes({ id: 'png', width: 1, height: 1 }, Uint8Array.of(at)))
    }
    expect((await openSource(path, { internalPath: '*.png' })).attrs.files).toEqual(['S1.png', 's10.png', 's2.png'])
    expect((await openSource(path, { internalPath: 's*.png', sort: 'natural' })).attrs.files).toEqual(['s2.png', 's10.png'])
    const given = await openSource(path, { files: ['s2.png', 'S1.png'] })
    expect([await given.get([0, 0, 0]), await given.get([1, 0, 0])]).toEqual([1, 2])
  })
  it('are compared at opening on request', async () => {
    const path = badPaths['a slice of another shape'][1]
    expect((await openSource(path, { internalPath: '*.png' })).shape).toEqual([6, 7, 8])
    await expect(openSource(path, { internalPath: '*.png', validate: true })).rejects.toThrow(
      /"s03.png" is uint8 \[14, 4\], "s00.png" is uint8 \[7, 8\]/
    )
  })
  it('that are gone are an error, not zeros', async () => {
    const path = await writeSlices('gone', gray)
    const source = await openSource(path, { internalPath: '*.png' })
    await source.get([2])
    rmSync(join(path, 's02.png'))
    rmSync(join(path, 's04.png'))
    await expect(source.get([4])).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
    await expect(openSource(path, { internalPath: '*.tif' })).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
  })
})
