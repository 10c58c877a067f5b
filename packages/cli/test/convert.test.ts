import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type Axis, createSource, ndarray, openSource } from '@bioimage/core'
import { bytesOf } from '@bioimage/core/backend'
import { beforeAll, describe, expect, it } from 'vitest'
import { expectSame, nanometers, readAll, volume, writeZarr } from './arrays.js'
import { runHere, temporaryFolder } from './run-cli.js'
import '@bioimage/mrc'

const folder = await temporaryFolder()
const cwd = folder
const raw = volume([20, 70, 90])
const sample = fileURLToPath(new URL('../../../tools/tour/sample.mrc', import.meta.url))

async function convert(
  ...args: readonly string[]
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  return runHere(['convert', ...args], { cwd })
}

beforeAll(async () => {
  await writeZarr(join(folder, 'raw.zarr'), raw, { chunks: [8, 16, 32], metadata: nanometers, attrs: { stain: 'none' } })
})

describe('convert', () => {
  it('changes chunks, shards and codec, and keeps voxels, voxel size and attributes', async () => {
    const args = ['raw.zarr', 'sharded.zarr', '--chunks', '8,16,16', '--shards', '16,32,64', '--codec', 'blosc-lz4', '--verify', '--json']
    const { code, stdout, stderr } = await convert(...args)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({
      shape: [20, 70, 90],
      chunks: [8, 16, 16],
      shards: [16, 32, 64],
      verified: true,
      resumedBlocks: 0
    })
    const source = await openSource(join(folder, 'sharded.zarr'))
    expect(source).toMatchObject({ chunks: [8, 16, 16], shards: [16, 32, 64], dtype: 'uint16' })
    expect(source.metadata.axes).toEqual(nanometers.axes)
    expect(source.attrs.stain).toBe('none')
    expect((await source.get()).data).toEqual(raw.data)
    expect(await readFile(join(folder, 'sharded.zarr/zarr.json'), 'utf8')).toContain('"lz4"')
    expect(existsSync(join(folder, 'sharded.zarr.partial'))).toBe(false)
  })

  it.each(['none', 'gzip:1', 'blosc-zstd', 'lz4', 'zstd'])('writes codec %s in Zarr v2 and v3', async (codec) => {
    for (const version of ['2', '3']) {
      const name = `${codec.replace(':', '')}-${version}.zarr`
      expect(await convert('raw.zarr', name, '--codec', codec, '--zarr-version', version, '-q')).toEqual({
        code: 0,
        stdout: expect.anything(),
        stderr: ''
      })
      expect(existsSync(join(folder, name, version === '2' ? '.zarray' : 'zarr.json'))).toBe(true)
      expectSame(await readAll(join(folder, name)), raw)
    }
  })

  it('works in little memory, in many blocks', async () => {
    const { code, stdout } = await convert('raw.zarr', 'small.zarr', '--chunks', '4,16,16', '--memory', '1MiB', '--json', '--verify')
    expect(code).toBe(0)
    expect(JSON.parse(stdout).blocks).toBeGreaterThan(1)
    expectSame(await readAll(join(folder, 'small.zarr')), raw)
  })

  it('reads MRC', async () => {
    const { code } = await convert(sample, 'sample.zarr', '--chunks', '8,64,64', '--shards', '24,64,192', '--verify')
    expect(code).toBe(0)
    const file = await readFile(sample)
    const found = await readAll(join(folder, 'sample.zarr'))
    const expected = new Uint16Array(24 * 192 * 192)
    for (let z = 0, at = 0; z < 24; z++)
      for (let y = 191; y >= 0; y--) for (let x = 0; x < 192; x++) expected[at++] = file.readUInt16LE(1024 + ((z * 192 + y) * 192 + x) * 2)
    expect(found.shape).toEqual([24, 192, 192])
    expect(Buffer.compare(bytesOf(found.data), bytesOf(expected))).toBe(0)
    const axes = (await openSource(join(folder, 'sample.zarr'))).metadata.axes
    expect(axes?.map(({ name, scale, unit }) => `${name} ${scale} ${unit}`)).toEqual([
      'z 6000 angstrom',
      'y 2000 angstrom',
      'x 2000 angstrom'
    ])
  })

  it('writes MRC', async () => {
    const first = await convert('raw.zarr', 'raw.mrc', '--verify')
    expect(first).toMatchObject({ code: 0 })
    expect(first.stderr).toContain('mrc files have no place for the attributes bioimage, stain: left out')
    expect(await convert('raw.zarr', 'raw.mrc', '--verify', '--overwrite', '-q')).toMatchObject({ code: 0, stderr: '' })
    expect((await readFile(join(folder, 'raw.mrc'))).length).toBe(1024 + 20 * 70 * 90 * 2)
    const { code } = await convert('raw.mrc', 'back.zarr')
    expect(code).toBe(0)
    expectSame(await readAll(join(folder, 'back.zarr')), raw)
  })

  it('changes the dtype where every value stays the same number', async () => {
    expect((await convert('raw.zarr', 'float.zarr', '--dtype', 'float32', '--verify')).code).toBe(0)
    expect((await readAll(join(folder, 'float.zarr'))).data).toEqual(Float32Array.from(raw.data))
    const { code, stderr } = await convert('raw.zarr', 'byte.zarr', '--dtype', 'uint8')
    expect(code).toBe(1)
    expect(stderr).toMatch(/is not one of uint8; .*\[ERR_DTYPE_MISMATCH\]\n$/)
    expect((await readdir(folder)).filter((name) => name.startsWith('byte.zarr'))).toEqual([])
  })

  it('adds arrays to a container, and keeps what is there', async () => {
    for (const [key, version] of [
      ['a', '2'],
      ['b/deep/c', undefined],
      ['b/other', undefined]
    ] as const) {
      const { code } = await convert('raw.zarr', 'many.zarr', '--to', key, ...(version === undefined ? [] : ['--zarr-version', version]))
      expect(code).toBe(0)
    }
    // As the path of a folder in the container.
    expect((await convert('raw.zarr', 'many.zarr/d/e', '--codec', 'none')).code).toBe(0)
    const { stdout } = await runHere(['info', 'many.zarr', '--json'], { cwd })
    expect(JSON.parse(stdout).arrays.map(({ internalPath }: { internalPath: string }) => internalPath)).toEqual([
      'a',
      'b/deep/c',
      'b/other',
      'd/e'
    ])
    for (const key of ['a', 'b/deep/c', 'b/other', 'd/e']) {
      expectSame(await readAll(join(folder, 'many.zarr'), key), raw)
      // All in the version of the container.
      expect(existsSync(join(folder, 'many.zarr', key, '.zarray'))).toBe(true)
    }
    expect(existsSync(join(folder, 'many.zarr/b/deep/.zgroup'))).toBe(true)
    expect((await convert('raw.zarr', 'many.zarr', '--to', 'a/inside')).code).toBe(2)
  })

  it('replaces an array only when told, and nothing but one array', async () => {
    const other = ndarray(Uint8Array.of(1, 2, 3))
    await writeZarr(join(folder, 'other.zarr'), other)
    await writeZarr(join(folder, 'old.zarr'), raw)
    const refused = await convert('other.zarr', 'old.zarr')
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/replace it with --overwrite.*\[ERR_ALREADY_EXISTS\]\n$/) })
    expectSame(await readAll(join(folder, 'old.zarr')), raw)
    expect((await convert('other.zarr', 'old.zarr', '--overwrite')).code).toBe(0)
    expectSame(await readAll(join(folder, 'old.zarr')), other)
    expect(existsSync(join(folder, 'old.zarr.partial'))).toBe(false)

    await writeZarr(join(folder, 'two.zarr'), raw, { internalPath: 'x/a' })
    await writeZarr(join(folder, 'two.zarr'), raw, { internalPath: 'x/b' })
    await mkdir(join(folder, 'home.zarr'))
    await writeFile(join(folder, 'home.zarr/precious.txt'), 'text')
    for (const args of [['two.zarr'], ['two.zarr', '--to', 'x'], ['home.zarr']])
      expect(await convert('other.zarr', ...args, '--overwrite')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('[ERR_ALREADY_EXISTS]')
      })
    expect(await readFile(join(folder, 'home.zarr/precious.txt'), 'utf8')).toBe('text')
    expect((await convert('other.zarr', 'two.zarr', '--to', 'x/a', '--overwrite')).code).toBe(0)
    expectSame(await readAll(join(folder, 'two.zarr'), 'x/a'), other)
    expectSame(await readAll(join(folder, 'two.zarr'), 'x/b'), raw)
  })

  it.each(['zarr', 'n5', 'mrc'])('says what to do about an empty folder in the way of %s', async (end) => {
    await mkdir(join(folder, `empty-folder.${end}`))
    for (const choice of [[], ['--overwrite']]) {
      const { code, stderr } = await convert('raw.zarr', `empty-folder.${end}`, ...choice)
      expect(code).toBe(1)
      expect(stderr).toMatch(/is an empty folder and in the way; remove it first \[ERR_ALREADY_EXISTS\]\n$/)
    }
    expect(await readdir(join(folder, `empty-folder.${end}`))).toEqual([])
  })

  it('does not offer to replace what it would not replace', async () => {
    await mkdir(join(folder, 'tax.zarr'))
    await writeFile(join(folder, 'tax.zarr/form.txt'), 'text')
    expect((await convert('raw.zarr', 'tax.zarr')).stderr).toMatch(/no zarr array; move it away, or delete it .*\[ERR_ALREADY_EXISTS\]\n$/)
  })

  it('writes into a file of HDF5, under a name of its own if none is given', async () => {
    for (const args of [[], ['--overwrite'], ['--to', 'data', '--overwrite']])
      expect(await convert('raw.zarr', 'named.h5', '--verify', ...args)).toMatchObject({ code: 0 })
    const source = await openSource(join(folder, 'named.h5'), { format: 'hdf5', internalPath: 'data' })
    expectSame(await source.get(), raw)
    await source.close()
    // A file is replaced as a whole: not in favour of another array.
    const other = await convert('raw.zarr', 'named.h5', '--to', 'other', '--overwrite')
    expect(other).toMatchObject({ code: 1, stderr: expect.stringMatching(/is one file and holds data: .*\[ERR_ALREADY_EXISTS\]\n$/) })
    expect((await convert('raw.zarr', 'named.h5', '--to', 'other')).stderr).toContain('choose another file')
  })

  it('takes a path into a container that is not there yet', async () => {
    const { code, stdout } = await convert('raw.zarr', 'made.zarr/b/c', '--json')
    expect({ code, output: JSON.parse(stdout).output }).toEqual({
      code: 0,
      output: { kind: 'zarr', path: join(folder, 'made.zarr'), internalPath: 'b/c' }
    })
    expectSame(await readAll(join(folder, 'made.zarr'), 'b/c'), raw)
    // A file with an extension of its own is what it says.
    expect((await convert('raw.zarr', 'files.n5/raw.mrc')).code).toBe(0)
    expect(existsSync(join(folder, 'files.n5/raw.mrc'))).toBe(true)
  })

  it('takes a name with a colon, and a file: URL', async () => {
    expect((await convert('raw.zarr', 'scan:2.zarr')).code).toBe(0)
    expectSame(await readAll(join(folder, 'scan:2.zarr')), raw)
    expect((await convert('raw.zarr', pathToFileURL(join(folder, 'by url.zarr')).href)).code).toBe(0)
    expectSame(await readAll(join(folder, 'by url.zarr')), raw)
  })

  it.each([2, 3])('keeps consolidated metadata of Zarr v%d in step', async (zarrVersion) => {
    const name = `consolidated${zarrVersion}.zarr`
    const args = ['--zarr-version', String(zarrVersion)]
    const listed = async (): Promise<readonly string[]> => {
      const path = join(folder, name, zarrVersion === 2 ? '.zmetadata' : 'zarr.json')
      if (!existsSync(path)) return []
      const document = JSON.parse(await readFile(path, 'utf8'))
      const { metadata = {} } = zarrVersion === 2 ? document : (document.consolidated_metadata ?? {})
      return Object.keys(metadata).filter((key) => (zarrVersion === 2 ? key.endsWith('.zarray') : metadata[key].node_type === 'array'))
    }
    const end = zarrVersion === 2 ? '/.zarray' : ''
    const twoChunks = ['--chunks', '10,70,90']
    expect((await convert('raw.zarr', name, '--to', 'a', ...args)).code).toBe(0)
    expect(await listed()).toEqual([])
    // What is there already is listed too.
    expect((await convert('raw.zarr', name, '--to', 'b/c', ...args, '--output-option', 'consolidated=true')).code).toBe(0)
    expect(await listed()).toEqual([`a${end}`, `b/c${end}`])
    expect((await convert('raw.zarr', name, '--to', 'd', ...args)).code).toBe(0)
    expect(await listed()).toEqual([`a${end}`, `d${end}`, `b/c${end}`])
    expect((await convert('raw.zarr', name, '--to', 'a', ...args, '--overwrite', ...twoChunks)).code).toBe(0)
    const { stdout } = await runHere(['info', name, '--json'], { cwd })
    expect(JSON.parse(stdout).arrays).toMatchObject([
      { internalPath: 'a', chunks: [10, 70, 90] },
      { internalPath: 'b/c' },
      { internalPath: 'd' }
    ])
    // A new container, whole.
    const whole = ['--to', 'x/y', ...args, '--output-option', 'consolidated=true']
    expect((await convert('raw.zarr', `new-${name}`, ...whole)).code).toBe(0)
    expect(await readFile(join(folder, `new-${name}`, zarrVersion === 2 ? '.zmetadata' : 'zarr.json'), 'utf8')).toContain('"x/y')
  })

  it('can give an array another layout in its own place', async () => {
    await writeZarr(join(folder, 'self.zarr'), raw, { chunks: [20, 70, 90] })
    expect((await convert('self.zarr', 'self.zarr', '--chunks', '16,16,16', '--overwrite', '--verify')).code).toBe(0)
    expect(await openSource(join(folder, 'self.zarr'))).toMatchObject({ chunks: [16, 16, 16] })
    expectSame(await readAll(join(folder, 'self.zarr')), raw)
  })

  it.each<[string, readonly Axis[]]>([
    ['axes in another order', ['y', 'x', 'z'].map((name, at) => ({ name, type: 'space', unit: 'angstrom', scale: 2 ** at }) as const)],
    ['a stack of images', [{ name: 'index', type: 'index' }, ...['y', 'x'].map((name) => ({ name, type: 'space' }) as const)]]
  ])('keeps what an MRC file says of its axes, there and back: %s', async (_, axes) => {
    const source = await createSource(join(folder, 'axes.mrc'), { shape: [2, 3, 4], dtype: 'int8', metadata: { axes }, overwrite: true })
    await source.set('...', 7)
    await source.close()
    for (const [from, to] of [
      ['axes.mrc', 'axes.zarr'],
      ['axes.zarr', 'axes-back.mrc']
    ] as const)
      expect(await convert(from, to, '--verify', '--overwrite')).toMatchObject({ code: 0 })
    expect((await openSource(join(folder, 'axes-back.mrc'))).metadata.axes).toEqual(axes)
  })

  it('leaves out attributes whose digits would be lost, and says so', async () => {
    await createSource(join(folder, 'digits.zarr'), { shape: [2], dtype: 'int8', attrs: { kept: Number.NaN, id: 5 } })
    const document = join(folder, 'digits.zarr/zarr.json')
    await writeFile(document, (await readFile(document, 'utf8')).replace('"id": 5', '"id": 18446744073709551615'))
    const { code, stderr } = await convert('digits.zarr', 'digits-copy.zarr')
    expect([code, stderr]).toEqual([0, expect.stringContaining('no place for the attributes id: left out')])
    expect((await openSource(join(folder, 'digits-copy.zarr'))).attrs).toEqual({ kept: Number.NaN })
  })

  it('copies arrays without elements and without axes', async () => {
    await writeZarr(join(folder, 'empty.zarr'), ndarray(new Float32Array(0), [0, 5]))
    expect((await convert('empty.zarr', 'empty2.zarr', '--verify')).code).toBe(0)
    expect((await readAll(join(folder, 'empty2.zarr'))).shape).toEqual([0, 5])
    await writeZarr(join(folder, 'scalar.zarr'), ndarray(Float32Array.of(7), []))
    expect((await convert('scalar.zarr', 'scalar2.zarr', '--verify')).code).toBe(0)
    expect((await readAll(join(folder, 'scalar2.zarr'))).data).toEqual(Float32Array.of(7))
  })

  it('leaves nothing behind when the input is damaged from the start', async () => {
    await writeZarr(join(folder, 'damaged.zarr'), raw, { chunks: [20, 70, 90] })
    await writeFile(join(folder, 'damaged.zarr/c/0/0/0'), 'no gzip')
    const { code, stderr } = await convert('damaged.zarr', 'never.zarr')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^bioimage: .*\[ERR_CORRUPT_DATA\]\n$/)
    expect((await readdir(folder)).filter((name) => name.startsWith('never'))).toEqual([])
  })

  it.each<[number, string, readonly string[]]>([
    [2, 'ERR_USAGE', ['raw.zarr']],
    [2, 'ERR_USAGE', ['raw.zarr', 'https://example.org/x.zarr']],
    [2, 'ERR_USAGE', ['raw.zarr', 'x.zarr', '--to', '../x']],
    [2, 'ERR_USAGE', ['raw.zarr', 'x.zarr', '--codec', 'zip']],
    [2, 'ERR_USAGE', ['raw.zarr', 'x.zarr', '--chunks', '0,1,1']],
    [2, 'ERR_USAGE', ['raw.zarr', 'x.mrc', '--codec', 'gzip']],
    [2, 'ERR_USAGE', ['raw.zarr', 'x.mrc', '--to', 'other']],
    [1, 'ERR_TOO_LARGE', ['raw.zarr', 'x.zarr', '--chunks', '5000,5000,5000']],
    [2, 'ERR_USAGE', ['raw.zarr', 'x.mrc', '--chunks', '8,8,8']],
    [2, 'ERR_USAGE', ['raw.zarr', 'x.unknown']],
    [2, 'ERR_UNKNOWN_KIND', ['raw.zarr', 'x.zarr', '--out-format', 'unknown']],
    [2, 'ERR_UNKNOWN_KIND', ['raw.zarr', 'x.zarr', '--format', 'unknown']],
    [2, 'ERR_ARRAY_NOT_CHOSEN', ['pair.zarr', 'x.zarr']],
    [1, 'ERR_NOT_FOUND', ['missing.zarr', 'x.zarr']],
    [2, 'ERR_USAGE', ['raw.zarr', 'x.zarr', '--output-option', 'consolidated=true']],
    [2, 'ERR_INVALID_ARGUMENT', ['raw.zarr', 'x.zarr', '--to', 'a', '--output-option', 'consolidated=1']],
    [2, 'ERR_INVALID_ARGUMENT', ['raw.zarr', 'x.zarr', '--chunks', '8,8']],
    [2, 'ERR_INVALID_ARGUMENT', ['raw.zarr', 'x.zarr', '--chunks', '8,8,8', '--shards', '12,8,8']],
    [2, 'ERR_INVALID_ARGUMENT', ['raw.zarr', 'x.zarr', '--output-option', 'nonsense=1']],
    [1, 'ERR_UNSUPPORTED', ['raw.zarr', 'x.zarr', '--zarr-version', '2', '--chunks', '8,8,8', '--shards', '8,8,8']],
    [1, 'ERR_TOO_LARGE', ['one-chunk.zarr', 'x.zarr', '--chunks', '100', '--memory', '2MiB']],
    [1, 'ERR_TOO_LARGE', ['big.zarr', 'x.zarr', '--chunks', '1000000', '--memory', '1MiB']]
  ])('exit code %d and %s for %j', async (expected, errorCode, args) => {
    await writeZarr(join(folder, 'big.zarr'), ndarray(new Uint8Array(1_000_000)), { chunks: [1000] }).catch(() => {})
    await writeZarr(join(folder, 'one-chunk.zarr'), ndarray(new Uint8Array(1_000_000)), { chunks: [1_000_000] }).catch(() => {})
    await writeZarr(join(folder, 'pair.zarr'), ndarray(Uint8Array.of(1)), { internalPath: 'a' }).catch(() => {})
    await writeZarr(join(folder, 'pair.zarr'), ndarray(Uint8Array.of(1)), { internalPath: 'b' }).catch(() => {})
    const { code, stdout, stderr } = await convert(...args)
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' })
    expect(stderr).toMatch(new RegExp(`^bioimage: .*\\[${errorCode}\\]\\n$`))
    expect((await readdir(folder)).filter((name) => name.startsWith('x.'))).toEqual([])
  })
})
