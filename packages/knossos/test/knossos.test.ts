import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createRegistry, fromSpec, listArrays, openSource } from '@bioimage/core'
import { knossos } from '@bioimage/knossos'
import { afterAll, describe, expect, it } from 'vitest'
import { parseConfiguration } from '../src/configuration.js'
import { volumeOf } from './volume.js'

const fixtures = fileURLToPath(new URL('fixtures', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'bioimage-knossos-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let count = 0
/** A data set of raw cubes at these positions x, y, z, all of one value. */
function dataSet(cubes: readonly (readonly [x: number, y: number, z: number])[], name = 'e', itemSize = 1): string {
  const path = join(folder, `set-${count++}`)
  for (const [x, y, z] of cubes) {
    const [sx, sy, sz] = [x, y, z].map((index) => String(index).padStart(4, '0'))
    const place = join(path, 'mag1', `x${sx}`, `y${sy}`, `z${sz}`)
    mkdirSync(place, { recursive: true })
    writeFileSync(join(place, `${name}_mag1_x${sx}_y${sy}_z${sz}.raw`), new Uint8Array(128 ** 3 * itemSize).fill(x + 1))
  }
  return path
}

describe('a folder', () => {
  it('is recognised by what is in it', async () => {
    const source = await openSource(join(fixtures, 'plain'))
    expect([source.kind, source.dtype]).toEqual(['knossos', 'uint8'])
    expect(source.toSpec()).toEqual({ kind: 'knossos', path: join(fixtures, 'plain'), internalPath: 'mag1' })
    expect((await fromSpec(source.toSpec())).shape).toEqual([8, 8, 8])
  })
  it('has the shape of its grid, whatever cubes are missing', async () => {
    const source = await openSource(
      dataSet(
        [
          [1, 0, 0],
          [2, 3, 0],
          [1, 1, 2]
        ],
        'other-name'
      )
    )
    expect([source.shape, source.chunks]).toEqual([
      [3 * 128, 4 * 128, 3 * 128],
      [128, 128, 128]
    ])
    expect(await source.get([0, 0, 0])).toBe(0)
    expect(await source.get([5, 5, 130])).toBe(2)
    expect(await source.get([5, 3 * 128, 2 * 128])).toBe(3)
  })
  it('refuses missing cubes on request', async () => {
    const source = await openSource(dataSet([[1, 0, 0]]), { missing: 'error' })
    expect(await source.get([5, 5, 130])).toBe(2)
    await expect(source.get([0, 0, 0])).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
  })
  it('has raw cubes of wider integers, by their length or on request', async () => {
    const path = dataSet([[0, 0, 0]], 'e', 2)
    expect((await openSource(path)).dtype).toBe('uint16')
    expect(await (await openSource(path)).get([1, 2, 3])).toBe(257)
    expect((await openSource(path, { dtype: 'uint8' })).dtype).toBe('uint8')
  })
  it('has another shape on request, with zeros where no cubes are', async () => {
    const source = await openSource(dataSet([[0, 0, 0]]), { shape: [100, 300, 200] })
    expect(source.shape).toEqual([100, 300, 200])
    expect(await source.get([99, 127, 127])).toBe(1)
    expect(await source.get([99, 299, 199])).toBe(0)
    await expect(openSource(dataSet([[0, 0, 0]]), { shape: [1, 2] })).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
  })
  it('lists its magnifications', async () => {
    const [only, ...others] = await listArrays(join(fixtures, 'labels'))
    expect(others).toEqual([])
    expect(only).toMatchObject({ internalPath: 'mag1', shape: [8, 8, 8], dtype: 'uint64', chunks: [4, 4, 4], codecs: ['snappy', 'zip'] })
  })
  it('must say which kind of cubes is meant', async () => {
    const path = dataSet([[0, 0, 0]])
    writeFileSync(join(path, 'mag1/x0000/y0000/z0000/e_mag1_x0000_y0000_z0000.seg'), new Uint8Array(8 * 128 ** 3).fill(1))
    await expect(openSource(path)).rejects.toMatchObject({ code: 'ERR_ARRAY_NOT_CHOSEN' })
    expect((await openSource(path, { extension: '.seg' })).dtype).toBe('uint64')
    await expect(openSource(path, { extension: '.png' })).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
  })
  it('without cubes is no data set', async () => {
    const path = join(folder, 'empty')
    mkdirSync(join(path, 'mag1'), { recursive: true })
    await expect(openSource(path)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
    await expect(openSource(dataSet([[0, 0, 0]]), { internalPath: 'mag2' })).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
  })
  it('is not guessed where two formats claim it', async () => {
    const other = { ...knossos, kind: 'other', id: 'other', extensions: [], sniff: { folder: () => true } } as const
    const registry = createRegistry()
    registry.register(knossos)
    registry.register(other)
    await expect(openSource(dataSet([[0, 0, 0]]), { context: { registry } })).rejects.toMatchObject({ code: 'ERR_UNKNOWN_FORMAT' })
  })
})

describe('a configuration', () => {
  it('opens its data set', async () => {
    const source = await openSource(join(fixtures, 'images', 'images.k.toml'), { extent: 'conf' })
    expect(source.shape).toEqual([6, 7, 8])
    expect((await source.get()).data).toEqual(volumeOf('uint8').data)
    expect(JSON.stringify(source.attrs)).not.toContain('secret')
  })
  it('without its data opens, and is not read as zeros', async () => {
    mkdirSync(join(folder, 'alone'))
    const path = join(folder, 'alone', 'far.k.conf')
    writeFileSync(
      path,
      'experiment name "far";\nboundary x 256;\nboundary y 128;\nboundary z 128;\nscale x 16.5;\nscale y 16.5;\nscale z 25;\n'
    )
    await expect(openSource(path)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
    const source = await openSource(path, { extension: '.raw' })
    expect([source.shape, source.metadata.axes?.[0]?.scale]).toEqual([[128, 128, 256], 25])
    await expect(source.get([0, 0, 0])).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
  })
  it('is read in three languages', () => {
    const conf = parseConfiguration(
      'knossos.conf',
      'experiment name "a b";\nboundary x 10;\nboundary y 20;\nboundary z 30;\ncompression_ratio 6;\nftp_mode h /p u secret 1;\n'
    )
    expect(conf).toMatchObject({ name: 'a b', extent: [10, 20, 30], extensions: ['.6.jp2'], isOrdinal: false })
    const ini = parseConfiguration(
      'x.pyk.conf',
      '[Dataset]\n_BaseName = e\n_BaseURL = http://u:secret@h/\n_Extent = 10,20,30\n_CubeSize = 64,64,64\n_FileType = 2\n_DataScale = 1,2,3,2,4,6,\n'
    )
    expect(ini).toMatchObject({
      name: 'e',
      cubeShape: [64, 64, 64],
      extensions: ['.png'],
      isOrdinal: true,
      voxelSizes: [
        [1, 2, 3],
        [2, 4, 6]
      ]
    })
    expect(JSON.stringify([conf, ini])).not.toContain('secret')
  })
})
