import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createSource } from '@bioimage/core'
import '@bioimage/hdf5'
import '@bioimage/n5'
import { beforeAll, describe, expect, it } from 'vitest'
import { expectSame, nanometers, readAll, volume } from './arrays.js'
import { runHere, temporaryFolder } from './run-cli.js'

const folder = await temporaryFolder()
const cwd = folder
const raw = volume([12, 30, 40])

/** Runs the command, which must succeed. */
const run = async (...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await runHere(args, { cwd })
  expect(stderr.replace(/^.*\r/gm, '')).not.toMatch(/error/i)
  expect(code).toBe(0)
  return stdout
}

describe.each([
  ['hdf5', 'h5', 'n5'],
  ['n5', 'n5', 'h5']
])('%s', (kind, extension, other) => {
  const file = `image.${extension}`

  beforeAll(async () => {
    const source = await createSource(join(folder, file), {
      internalPath: 'group/raw',
      shape: raw.shape,
      dtype: raw.dtype,
      chunks: [5, 16, 16],
      metadata: nanometers
    })
    await source.set('...', raw)
    await source.close()
  })

  it('info tells shape, chunks, compression and voxel size', async () => {
    const text = await run('info', file)
    expect(text).toMatch(/raw +uint16 +12 × 30 × 40\n/)
    expect(text).toContain('chunks 5 × 16 × 16')
    expect(text).toContain('z 40 nm, y 4 nm, x 4.5 nm')
    const { arrays } = JSON.parse(await run('info', file, '--json'))
    expect(arrays).toMatchObject([{ internalPath: 'group/raw', shape: [12, 30, 40], dtype: 'uint16', chunks: [5, 16, 16] }])
    expect(arrays[0].storedBytes).toBeGreaterThan(1000)
    expect(arrays[0].codecs).toContain('gzip')
  })

  it('get prints and stores regions', async () => {
    const json = JSON.parse(await run('get', file, '--roi', '3,4,5:8', '--json'))
    const start = (3 * 30 + 4) * 40 + 5
    expect(json.values).toEqual(Array.from(raw.data.subarray(start, start + 3)))
  })

  it('convert goes there and back without changing a byte', async () => {
    await run('convert', file, `copy-of-${extension}.zarr`, '--chunks', '6,10,20')
    expectSame(await readAll(join(folder, `copy-of-${extension}.zarr`)), raw)
    await run('convert', `copy-of-${extension}.zarr`, `back.${extension}`, '--to', 'again')
    await run('convert', `back.${extension}`, `there-of-${extension}.${other}`, '--to', 'once/more')
    await run('convert', `there-of-${extension}.${other}`, `last-of-${extension}.zarr`)
    expectSame(await readAll(join(folder, `last-of-${extension}.zarr`)), raw)
  })

  it('preview draws a plane', async () => {
    await run('preview', file, '-o', `${kind}.png`)
    expect((await stat(join(folder, `${kind}.png`))).size).toBeGreaterThan(100)
  })
})
