import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createSource, openSource } from '@bioimage/core'
import { referenceArray } from '@bioimage/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import '../src/index.js'
import { volumeFile } from './volume-file.js'

const folder = await mkdtemp(join(tmpdir(), 'labvol-'))
afterAll(() => rm(folder, { recursive: true }))

const array = referenceArray([6, 7, 8], 'uint16')
const fields = { byteOrder: 'little', order: 'C', voxelSize: [2, 0.5, 0.25], notes: { objective: '20x' } }
const file = volumeFile(array, fields)
const metadata = {
  axes: ['z', 'y', 'x'].map((name, at) => ({ name, type: 'space' as const, unit: 'micrometer', scale: fields.voxelSize[at] }))
}
beforeAll(() => writeFile(join(folder, 'volume.labvol'), file))

describe('a LabVol file', () => {
  test('is recognised by its content', async () => {
    await writeFile(join(folder, 'renamed.dat'), file)
    expect(await openSource(join(folder, 'renamed.dat'))).toMatchObject({ kind: 'labvol', attrs: { objective: '20x' }, metadata })
  })

  test('is written as the format says', async () => {
    const path = join(folder, 'written.labvol')
    const source = await createSource(path, { shape: array.shape, dtype: 'uint16', metadata, attrs: fields.notes })
    await source.set('...', array)
    await source.close()
    expect(Buffer.compare(await readFile(path), file)).toBe(0)
  })

  test.each([
    ['a nanometer voxel size', { metadata: { axes: metadata.axes.map((axis) => ({ ...axis, unit: 'nanometer' })) } }],
    ['notes longer than the header', { attrs: { notes: 'x'.repeat(5000) } }],
    ['an image', { shape: [7, 8] }]
  ])('does not hold %s', async (_, options) => {
    const path = join(folder, 'refused.labvol')
    await expect(createSource(path, { shape: [6, 7, 8], dtype: 'uint16', ...options })).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
  })
})

describe('the command line', () => {
  const project = fileURLToPath(new URL('..', import.meta.url))
  const bioimage = join(dirname(createRequire(import.meta.url).resolve('@bioimage/cli/package.json')), 'dist/main.js')
  const run = async (...args: string[]): Promise<string> => {
    const all = [bioimage, ...args, '--plugin', join(project, 'dist/index.js')]
    return (await promisify(execFile)(process.execPath, all, { cwd: folder })).stdout
  }

  test('describes, converts and reads the format by --plugin', async () => {
    expect(await run('formats')).toMatch(/^labvol\s+bioimage-labvol\s+read, write\s+\.labvol$/m)
    expect(JSON.parse(await run('info', 'volume.labvol', '--json'))).toBeTypeOf('object')
    await run('convert', 'volume.labvol', 'copy.zarr', '--verify')
    await run('convert', 'copy.zarr', 'again.labvol', '--verify')
    const source = await openSource(join(folder, 'again.labvol'))
    expect((await source.get()).data).toEqual(array.data)
    expect(source.metadata).toEqual(metadata)
  })
})
