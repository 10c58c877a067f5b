import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { ndarray } from '@bioimage/core'
import { bytesOf } from '@bioimage/core/backend'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nanometers, pattern, volume, writeZarr } from './arrays.js'
import { parseNpy } from './parse-npy.js'
import { runCli, runHere, temporaryFolder } from './run-cli.js'

const folder = await temporaryFolder()
const cwd = folder
const raw = volume([12, 30, 40])
const labels = ndarray(
  BigUint64Array.from(pattern(60, 5), (label) => BigInt(label) << 60n),
  [6, 10],
  'uint64'
)

beforeAll(async () => {
  await writeZarr(join(folder, 'tree.zarr'), raw, {
    internalPath: 'image/raw',
    chunks: [5, 16, 16],
    metadata: nanometers,
    attrs: { made: 'here' }
  })
  await writeZarr(join(folder, 'tree.zarr'), labels, { internalPath: 'labels', chunks: [6, 10] })
  await writeZarr(join(folder, 'one.zarr'), raw, { chunks: [5, 16, 16] })
})

describe('formats', () => {
  it('lists the installed backends', async () => {
    const { code, stdout } = await runHere(['formats'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^zarr\s+@bioimage\/zarr\s+read, write\s+\.zarr /m)
    const json = JSON.parse((await runHere(['formats', '--json'])).stdout)
    expect(json).toContainEqual(expect.objectContaining({ kind: 'zarr', package: '@bioimage/zarr', read: true, write: true }))
    expect(json).toContainEqual(expect.objectContaining({ kind: 'mrc', package: '@bioimage/mrc', read: true, write: true }))
  })
})

describe('info', () => {
  it('shows the tree of arrays', async () => {
    const { code, stdout } = await runHere(['info', 'tree.zarr'], { cwd })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^tree\.zarr {2}\(zarr, 2 arrays, /)
    expect(stdout).toContain('├── image\n│   └── raw  uint16  12 × 30 × 40\n')
    expect(stdout).toContain('chunks 5 × 16 × 16, bytes → gzip')
    expect(stdout).toContain('z 40 nm, y 4 nm, x 4.5 nm')
    expect(stdout).toMatch(/ stored, 28\.1 KiB of voxels, ratio \d/)
    expect(stdout).toContain('└── labels  uint64  6 × 10\n')
  })

  it('gives the same as JSON', async () => {
    const { stdout, stderr } = await runHere(['info', 'tree.zarr', '--json'], { cwd })
    expect(stderr).toBe('')
    const found = JSON.parse(stdout)
    expect(found).toMatchObject({ path: 'tree.zarr', kind: 'zarr' })
    expect(found.arrays).toHaveLength(2)
    const [image] = found.arrays
    expect(image).toMatchObject({
      internalPath: 'image/raw',
      shape: [12, 30, 40],
      dtype: 'uint16',
      chunks: [5, 16, 16],
      shards: null,
      byteLength: 28800
    })
    expect(image.metadata).toEqual(nanometers)
    expect(image.ratio).toBeCloseTo(28800 / image.storedBytes, 10)
    expect(found.storedBytes).toBe(image.storedBytes + found.arrays[1].storedBytes)
  })

  it('describes one array with its attributes and spec', async () => {
    const { stdout } = await runHere(['info', 'tree.zarr', '--array', '/image/raw/', '--json'], { cwd })
    const found = JSON.parse(stdout)
    expect(found.arrays.map(({ internalPath }: { internalPath: string }) => internalPath)).toEqual(['image/raw'])
    expect(found.attributes.made).toBe('here')
    expect(found.spec).toEqual({ kind: 'zarr', path: join(folder, 'tree.zarr'), internalPath: 'image/raw' })
  })

  it('fails, after the listing, if no array can be read', async () => {
    await writeZarr(join(folder, 'damaged.zarr'), raw, {})
    await writeFile(join(folder, 'damaged.zarr/zarr.json'), '{"zarr_format":3,"node_type":"array","shape":"wide"}')
    const { code, stdout, stderr } = await runHere(['info', 'damaged.zarr'], { cwd })
    expect(code).toBe(1)
    expect(stdout).toContain('cannot be read: ')
    expect(stdout).not.toMatch(/unknown|scalar/)
    expect(stderr).toMatch(/^bioimage: damaged\.zarr cannot be read: .*found "wide" \[ERR_CORRUPT_DATA\]\n$/)
    const json = await runHere(['info', 'damaged.zarr', '--json'], { cwd })
    expect(json.code).toBe(1)
    expect(JSON.parse(json.stdout).arrays).toMatchObject([
      { internalPath: '', shape: null, dtype: null, byteLength: null, problem: expect.stringContaining('found "wide"') }
    ])
  })

  it('lists arrays that cannot be read beside those that can', async () => {
    await writeZarr(join(folder, 'mixed.zarr'), raw, { internalPath: 'a' })
    await writeZarr(join(folder, 'mixed.zarr'), raw, { internalPath: 'b' })
    await writeFile(join(folder, 'mixed.zarr/b/zarr.json'), '{"zarr_format":3,"node_type":"array","shape":"wide"}')
    const { code, stdout, stderr } = await runHere(['info', 'mixed.zarr', '--json'], { cwd })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(stdout).arrays).toMatchObject([
      { internalPath: 'a', shape: [12, 30, 40], dtype: 'uint16' },
      { internalPath: 'b', shape: null, dtype: null }
    ])
    expect((await runHere(['info', 'mixed.zarr', '--array', 'b'], { cwd })).code).toBe(1)
  })

  // A port that no client connects to (Fetch standard, "port blocking"). What was typed is said once where it is the file itself.
  it.each([
    [
      'info',
      'http://127.0.0.1:1/x.zarr',
      /^bioimage: http:\/\/127\.0\.0\.1:1\/x\.zarr cannot be read: http:\S+\/x\.zarr\/\S+: .*\[ERR_IO\]\n$/
    ],
    [
      'get',
      'http://127.0.0.1:1/x.zarr',
      /^bioimage: http:\/\/127\.0\.0\.1:1\/x\.zarr cannot be read: http:\S+\/x\.zarr\/\S+: .*\[ERR_IO\]\n$/
    ],
    ['get', 'http://127.0.0.1:1/x.mrc', /^bioimage: http:\/\/127\.0\.0\.1:1\/x\.mrc: (?!.*x\.mrc).*\[ERR_IO\]\n$/]
  ])('names the URL that was typed when a server cannot be reached: %s %s', async (command, url, message) => {
    const { code, stdout, stderr } = await runHere([command, `${url}?token=hunter2`])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(message)
    expect(stderr).not.toContain('hunter2')
  })

  it('reads URLs', async () => {
    const server = createServer(async (request, response) => {
      try {
        const content = await readFile(join(folder, new URL(request.url ?? '', 'http://x').pathname))
        response.setHeader('content-length', content.length).end(request.method === 'HEAD' ? undefined : content)
      } catch {
        response.writeHead(404).end()
      }
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    afterAll(() => server.close())
    const address = server.address()
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/one.zarr`
    const { code, stdout } = await runHere(['info', url, '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout).arrays).toMatchObject([{ internalPath: '', shape: [12, 30, 40], dtype: 'uint16' }])
    const read = await runHere(['get', url, '--roi', '3,:,7', '--json'])
    expect(JSON.parse(read.stdout)).toMatchObject({
      shape: [30],
      values: [...Array(30).keys()].map((y) => raw.data[(3 * 30 + y) * 40 + 7])
    })
    // What is in the query may be a secret, and output ends up in logs.
    const secret = `${url}?version=1&token=hunter2`
    for (const args of [
      ['info', secret],
      ['info', secret, '--json', '--array', ''],
      ['get', secret, '--json'],
      ['preview', secret, '-o', join(folder, 'secret.png'), '--json'],
      ['convert', secret, join(folder, 'secret.zarr'), '--json'],
      ['convert', join(folder, 'one.zarr'), secret]
    ]) {
      const output = await runHere(args)
      expect(output.stdout + output.stderr).toContain('one.zarr')
      expect(output.stdout + output.stderr).not.toContain('hunter2')
    }
  })
})

describe('get', () => {
  it('prints statistics and the values of a small region', async () => {
    const { code, stdout } = await runHere(['get', 'one.zarr', '--roi', '-1,:2,-3:'], { cwd })
    expect(code).toBe(0)
    const values = [0, 1].map((y) => [37, 38, 39].map((x) => raw.data[(11 * 30 + y) * 40 + x] ?? 0))
    expect(stdout).toContain('uint16  2 × 3  12 B\n')
    expect(stdout).toContain(`min ${Math.min(...values.flat())}  max ${Math.max(...values.flat())}  mean `)
    expect(stdout).toContain('count 6\n')
    expect(stdout).toContain(`[${values.map((row) => `[${row.join(', ')}]`).join(',\n ')}]\n`)
  })

  it('gives a scalar for integers, and 64 bits exactly', async () => {
    const args = ['get', 'tree.zarr', '-a', 'labels', '--json']
    const { statistics } = JSON.parse((await runHere(args, { cwd })).stdout)
    const sorted = [...labels.data].sort((a, b) => (a < b ? -1 : 1))
    expect(statistics).toMatchObject({ count: 60, min: 0, max: String(sorted.at(-1)) })
    const scalar = JSON.parse((await runHere([...args, '--roi', '2,3'], { cwd })).stdout)
    expect(scalar).toMatchObject({ shape: [], dtype: 'uint64' })
    expect(BigInt(scalar.values)).toBe(labels.data[23])
  })

  it.each(['256MiB', '1MiB'])('writes .npy files, with %s', async (memory) => {
    await writeZarr(join(folder, `large-${memory}.zarr`), volume([40, 130, 150]), { chunks: [16, 32, 32] })
    const { code } = await runHere(['get', `large-${memory}.zarr`, '--roi', '3:40:2,:,5:149', '--out', 'x.npy', '--memory', memory], {
      cwd
    })
    expect(code).toBe(0)
    const { dtype, shape, data } = parseNpy(await readFile(join(folder, 'x.npy')))
    expect({ dtype, shape }).toEqual({ dtype: 'uint16', shape: [19, 130, 144] })
    const expected = new Uint16Array(19 * 130 * 144)
    const whole = volume([40, 130, 150]).data
    for (let z = 0, at = 0; z < 19; z++)
      for (let y = 0; y < 130; y++) for (let x = 5; x < 149; x++) expected[at++] = whole[((3 + 2 * z) * 130 + y) * 150 + x] ?? 0
    expect(Buffer.compare(data, bytesOf(expected))).toBe(0)
  })

  it('writes bare elements, and drops the axes of integers in .npy', async () => {
    await runHere(['get', 'one.zarr', '--roi', '3', '--out', 'x.raw'], { cwd })
    expect(await readFile(join(folder, 'x.raw'))).toEqual(Buffer.from(bytesOf(raw.data).slice(3 * 2400, 4 * 2400)))
    await runHere(['get', 'one.zarr', '--roi', '3,:,4', '--out', 'y.npy'], { cwd })
    expect(parseNpy(await readFile(join(folder, 'y.npy'))).shape).toEqual([30])
  })

  it('leaves an existing file alone when it fails', async () => {
    await writeZarr(join(folder, 'broken.zarr'), raw, { chunks: [5, 16, 16] })
    await writeFile(join(folder, 'broken.zarr/c/1/1/1'), 'no gzip')
    await writeFile(join(folder, 'kept.npy'), 'kept')
    const { code, stderr } = await runHere(['get', 'broken.zarr', '--out', 'kept.npy'], { cwd })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^bioimage: .*\[ERR_CORRUPT_DATA\]\n$/)
    expect(await readFile(join(folder, 'kept.npy'), 'utf8')).toBe('kept')
  })
})

describe('an output that cannot be written', () => {
  const commands: readonly (readonly [string, readonly string[]])[] = [
    ['unwritten.npy', ['get', 'one.zarr', '--out']],
    ['unwritten.png', ['preview', 'one.zarr', '--out']],
    ['unwritten.zarr', ['convert', 'one.zarr']]
  ]

  it.each(commands)('is named as it was typed: %s in a file', async (name, args) => {
    await writeFile(join(folder, 'file'), 'text')
    const { code, stdout, stderr } = await runHere([...args, `file/${name}`], { cwd })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toBe(
      `bioimage: file/${name} cannot be written: what should be its folder is a file; choose another place [ERR_NOT_FOUND]\n`
    )
  })

  it.each(commands.slice(0, 2))('is named as it was typed: %s in a folder that is not there', async (name, args) => {
    const { code, stderr } = await runHere([...args, `absent/${name}`], { cwd })
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `bioimage: absent/${name} cannot be written: its folder does not exist; make it first [ERR_NOT_FOUND]\n`
    })
  })

  it.each(commands.slice(0, 2))('is named as it was typed: %s that is a folder', async (name, args) => {
    await mkdir(join(folder, name), { recursive: true })
    const { code, stderr } = await runHere([...args, name], { cwd })
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `bioimage: ${name} cannot be written: it is a folder; choose another name [ERR_ALREADY_EXISTS]\n`
    })
    expect((await readdir(folder)).filter((found) => found.endsWith('.tmp'))).toEqual([])
    await rm(join(folder, name), { recursive: true })
  })
})

describe('names from files', () => {
  /** Clears the screen, forges a line, and hides text in a terminal of eight bits. */
  const hostile = 'a\u001b[2J\nb\u009b31m\u202e'
  const unsafe = /[^\P{Cc}\n]|\p{Bidi_Control}/u

  it('do not steer the terminal', async () => {
    const metadata = {
      axes: [
        { name: hostile, type: 'space' as const },
        { name: 'x', type: 'space' as const }
      ]
    }
    await writeZarr(join(folder, 'hostile.zarr'), volume([2, 2]), {
      internalPath: `group/${hostile}`,
      metadata,
      attrs: { [hostile]: hostile }
    })
    const runs = [
      ['info', 'hostile.zarr'],
      ['info', 'hostile.zarr', '--json'],
      ['info', 'hostile.zarr', '--array', `group/${hostile}`],
      ['get', 'hostile.zarr', '--array', 'missing', '--debug']
    ]
    for (const args of runs) {
      const { stdout, stderr } = await runHere(args, { cwd: folder })
      expect(stdout + stderr).toContain('a\\u001b[2J')
      expect(stdout + stderr).not.toMatch(unsafe)
    }
    const { stdout } = await runHere(['info', 'hostile.zarr', '--json'], { cwd: folder })
    expect(JSON.parse(stdout).arrays[0].internalPath).toBe(`group/${hostile}`)
    expect((await runHere(['info', 'hostile.zarr'], { cwd: folder })).stdout).not.toMatch(/^b/m)
  })
})

describe('errors', () => {
  it.each<[number, string, readonly string[]]>([
    [2, 'ERR_USAGE', []],
    [2, 'ERR_USAGE', ['nonsense']],
    [2, 'ERR_USAGE', ['info']],
    [2, 'ERR_USAGE', ['info', 'one.zarr', '--nonsense']],
    [2, 'ERR_USAGE', ['get', 'one.zarr', '--roi', '1;2']],
    [2, 'ERR_USAGE', ['get', 'one.zarr', '--out', 'x.jpg']],
    [2, 'ERR_USAGE', ['preview', 'one.zarr']],
    [1, 'ERR_NOT_FOUND', ['info', 'absent.zarr']],
    [1, 'ERR_NOT_FOUND', ['get', 'tree.zarr', '--array', 'nothing']],
    [1, 'ERR_NOT_FOUND', ['info', 'tree.zarr', '--array', 'nothing']],
    [2, 'ERR_ARRAY_NOT_CHOSEN', ['get', 'tree.zarr']],
    [2, 'ERR_INVALID_INDEX', ['get', 'one.zarr', '--roi', '12']],
    [2, 'ERR_INVALID_INDEX', ['get', 'one.zarr', '--roi', ':,:,:,:']],
    [2, 'ERR_UNKNOWN_KIND', ['info', 'one.zarr', '--format', 'unknown']],
    [1, 'ERR_UNKNOWN_FORMAT', ['info', 'x.raw']],
    [2, 'ERR_INVALID_ARGUMENT', ['get', 'one.zarr', '--input-option', 'nonsense=1']],
    [1, 'ERR_UNSUPPORTED', ['info', 'ftp://example.org/x.zarr']]
  ])('exit code %d and %s for %j', async (expected, errorCode, args) => {
    const { code, stdout, stderr } = await runHere(args, { cwd })
    expect(code).toBe(expected)
    if (args.length === 0) return
    expect(stderr).toMatch(new RegExp(`^bioimage: .*\\[${errorCode}\\]\\n$`))
    expect(stdout).toBe('')
  })

  it('names the options of the command line', async () => {
    expect((await runHere(['get', 'tree.zarr'], { cwd })).stderr).toContain('choose an array by --array: ')
  })

  it('shows stack and cause with --debug', async () => {
    const { stderr } = await runHere(['info', 'absent.zarr', '--debug'], { cwd })
    expect(stderr).toMatch(/^bioimage: .*\[ERR_NOT_FOUND\]\nSourceError: .*\n {4}at /)
  })

  it('prints help and version', async () => {
    expect((await runCli(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
    const { code, stdout } = await runHere(['convert', '--help'])
    expect(code).toBe(0)
    expect(stdout).toContain('Examples:')
    expect(stdout).toContain('--plugin <package>')
  })

  it('ends quietly when nobody reads on', async () => {
    const { code, stderr } = await runCli(['info', 'tree.zarr'], { cwd, started: (child) => child.stdout?.destroy() })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })
})
