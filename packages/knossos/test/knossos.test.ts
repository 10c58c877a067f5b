import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createRegistry, fromSpec, listArrays, openSource } from '@bioimage/core'
import { knossos } from '@bioimage/knossos'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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

describe('how cubes are called', () => {
  const raw = new Uint8Array(128 ** 3)
  /** A data set of files, each filled with its number from 1. */
  function files(...paths: readonly string[]): string {
    const path = join(folder, `set-${count++}`)
    for (const [at, name] of paths.entries()) {
      mkdirSync(join(path, name, '..'), { recursive: true })
      writeFileSync(join(path, name), raw.fill(at + 1))
    }
    return path
  }
  it('is kept apart from how their folders are called', async () => {
    const source = await openSource(files('mag1/x0/y0/z0/e_mag1_x0000_y0000_z0000.raw', 'mag1/x11/y0/z0/e_mag1_x0011_y0000_z0000.raw'))
    expect([await source.get([0, 0, 0]), await source.get([0, 0, 11 * 128])]).toEqual([1, 2])
    const other = await openSource(files('mag1/x0000/y0000/z0000/e_mag1x0y0z0.raw', 'mag1/x0012/y0000/z0000/e_mag1x12y0z0.raw'))
    expect([await other.get([0, 0, 0]), await other.get([0, 0, 12 * 128])]).toEqual([1, 2])
  })
  it('may have more digits where they are needed', async () => {
    const source = await openSource(files('mag1/x98/y00/z00/e_x98_y00_z00.raw', 'mag1/x100/y00/z00/e_x100_y00_z00.raw'))
    expect([await source.get([0, 0, 98 * 128]), await source.get([0, 0, 100 * 128]), await source.get([0, 0, 0])]).toEqual([1, 2, 0])
  })
  it('has an extension in capitals too', async () => {
    const path = files('mag1/x0000/y0000/z0000/e_x0000_y0000_z0000.RAW')
    expect(await (await openSource(path)).get([0, 0, 0])).toBe(1)
    expect(await (await openSource(path, { extension: '.raw' })).get([0, 0, 0])).toBe(1)
  })
  it.each([
    ['folders filled up otherwise', ['mag1/x0000/y0000/z0000/e_x0000_y0000_z0000.raw', 'mag1/x001/y0000/z0000/e_x0001_y0000_z0000.raw']],
    ['two cubes in one place', ['mag1/x0000/y0000/z0000/e_x0000_y0000_z0000.raw', 'mag1/x0000/y0000/z0000/f_x0000_y0000_z0000.raw']],
    ['a cube of another place', ['mag1/x0000/y0000/z0000/e_x0001_y0000_z0000.raw']],
    ['numbers filled up otherwise in one name', ['mag1/x0000/y0000/z0000/e_x0000_y000_z0000.raw']],
    ['indices in capitals', ['mag1/x0000/y0000/z0000/e_X0000_Y0000_Z0000.raw']]
  ])('is refused at once where it is mixed: %s', async (_, paths) => {
    await expect(openSource(files(...paths))).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
  })
  it.each([
    ['another experiment', 'f_x0001_y0000_z0000.raw'],
    ['other digits', 'e_x001_y0000_z0000.raw'],
    ['capitals', 'e_x0001_y0000_z0000.RAW'],
    ['another kind', 'e_x0001_y0000_z0000.png']
  ])('is no reason to read zeros: %s', async (_, name) => {
    const path = files(
      'mag1/x0000/y0000/z0000/e_x0000_y0000_z0000.raw',
      `mag1/x0001/y0000/z0000/${name}`,
      'mag1/x0002/y0000/z0000/notes.txt'
    )
    const source = await openSource(path)
    expect(await source.get([0, 0, 0])).toBe(1)
    await expect(source.get([0, 0, 128])).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
    expect(await source.get([0, 0, 256])).toBe(0)
  })
  it('may be of another kind where the kind was chosen', async () => {
    const path = files('mag1/x0000/y0000/z0000/e_x0000_y0000_z0000.raw', 'mag1/x0001/y0000/z0000/e_x0001_y0000_z0000.png')
    expect(await (await openSource(path, { extension: '.raw' })).get([0, 0, 128])).toBe(0)
  })
})

describe('over HTTP', () => {
  let path = ''
  const server = createServer((request, response) => {
    try {
      const bytes = readFileSync(join(path, new URL(request.url ?? '', 'http://host').pathname))
      response.writeHead(200, { 'content-length': bytes.byteLength }).end(request.method === 'HEAD' ? undefined : bytes)
    } catch {
      response.writeHead(404).end()
    }
  })
  let url = ''
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`
  })
  afterAll(() => server.close())
  const configured = (name: string, itemSize = 1): void => {
    path = dataSet(
      [
        [1, 0, 0],
        [2, 1, 0]
      ],
      'e',
      itemSize
    )
    const boundary = 'boundary x 384;\nboundary y 256;\nboundary z 128;\n'
    writeFileSync(join(path, 'knossos.conf'), `experiment name "${name}";\n${boundary}compression_ratio 0;\n`)
  }
  const open = (options: object = {}): ReturnType<typeof openSource> =>
    openSource(url, { format: 'knossos', context: { cache: false }, ...options })

  it('cubes are found by the configuration, and others are zeros', async () => {
    configured('e')
    const source = await open()
    expect([await source.get([0, 0, 0]), await source.get([0, 0, 128]), await source.get([0, 128, 256])]).toEqual([0, 2, 3])
  })
  it('raw cubes have the dtype of their length', async () => {
    configured('e', 2)
    const source = await open()
    expect([source.dtype, await source.get([0, 0, 128])]).toEqual(['uint16', 2 * 257])
  })
  it('zeros are not believed where no cube is called as the configuration says', async () => {
    configured('wrong')
    await expect(open()).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
    const source = await open({ dtype: 'uint8' })
    await expect(source.get([0, 0, 0])).rejects.toThrow(/wrong_mag1_x0/)
    const images = await open({ extension: '.png' })
    await expect(images.get([0, 0, 0])).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
    expect(await (await open({ dtype: 'uint8', missing: 'zeros' })).get([0, 0, 0])).toBe(0)
  })
})

describe('cubes of JPEG 2000', () => {
  it.each([
    ['codestreams', '.j2k'],
    ['boxes', '.6.jp2']
  ] as const)('are read from %s', async (name, extension) => {
    const source = await openSource(join(fixtures, name), { format: 'knossos', extension, extent: 'conf' })
    expect([source.shape, source.dtype]).toEqual([[6, 7, 8], 'uint8'])
    expect((await source.get()).data).toEqual(volumeOf('uint8').data)
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
  it('of the oldest language has the edge of cubes and one extension for each ratio', () => {
    expect(parseConfiguration('knossos.conf', 'cube_edge_length 64;\n').cubeShape).toEqual([64, 64, 64])
    expect(parseConfiguration('knossos.conf', 'magnification 1;\n').cubeShape).toBeUndefined()
    const extensions = [0, 1000, 6, 1001, 4].map(
      (ratio) => parseConfiguration('knossos.conf', `compression_ratio ${ratio};\n`).extensions[0]
    )
    expect(extensions).toEqual(['.raw', '.jpg', '.6.jp2', '.j2k', '.j2k'])
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
  it('has attributes without secrets, whatever their fields are called', () => {
    const toml = parseConfiguration(
      'a.k.toml',
      '[[Layer]]\nName = "a"\nPassword = "secret"\nurl = "http://u:secret@h/"\nDescription = "from http://u:secret@h/"\nVisible = true\nExtent_px = [1, 2, 3]\n[Layer.Color]\nKey = "secret"\n'
    )
    expect(toml.attrs).toEqual({ Name: 'a', Visible: true, Extent_px: [1, 2, 3] })
    const ini = parseConfiguration('a.pyk.conf', '_BaseName = a\n_BaseUrl = http://u:secret@h/\n_PassWord = secret\n_Userpwd = secret\n')
    expect(ini.attrs).toEqual({ _BaseName: 'a' })
    const conf = parseConfiguration(
      'knossos.conf',
      'experiment name "a";\nftp_mode h /p u secret 1;\nftp_password "secret";\nmagnification 2;\n'
    )
    expect(conf.attrs).toEqual({ 'experiment name': 'a', magnification: '2' })
  })
  it('that is no TOML is an error that does not show it', () => {
    const parse = (): unknown => parseConfiguration('a.k.toml', '[[Layer]]\nPassword = "secret" oops\n')
    expect(parse).toThrow(/line 2/)
    try {
      parse()
    } catch (error) {
      expect(error).toMatchObject({ code: 'ERR_CORRUPT_DATA' })
      expect(error instanceof Error ? error.cause : 'no error').toBeUndefined()
      expect(String(error)).not.toContain('secret')
    }
  })
})
