import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { createSource, type ErrorCode, fromSpec, listArrays, memoryStore, openSource, slice } from '@bioimage/core'
import { folderContent, memoryOf } from '@bioimage/testing'
import { afterAll, describe, expect, it } from 'vitest'
import '@bioimage/mrc'

/** So much memory may be taken before bad input is refused; what the inputs here announce is far more. */
const fewBytes = 64 << 20
const folder = mkdtempSync(join(tmpdir(), 'bioimage-mrc-bad-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const fixture = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(`fixtures/${name}`, import.meta.url)))
const good = fixture('mode-1.mrc')
const path = (name: string): string => join(folder, name)
const read = async (name: string): Promise<unknown> => (await openSource(path(name), { format: 'mrc' })).get('...')

/** The good file with 32-bit integers of its header replaced, by their numbers in the specification. */
function changed(words: Readonly<Record<number, number>>): Uint8Array {
  const bytes = new Uint8Array(good)
  const view = new DataView(bytes.buffer)
  for (const [word, value] of Object.entries(words)) view.setInt32(4 * (Number(word) - 1), value, true)
  return bytes
}

const most = 2 ** 31 - 1
const gzipped = gzipSync(good)
const bzipped = fixture('bzip2.mrc.bz2')
const noise = Uint8Array.from({ length: 4096 }, (_, at) => (at * 7919 + (at >> 3)) % 251)
const files: Readonly<Record<string, Uint8Array>> = {
  'good.mrc': good,
  'unknown.extension': new Uint8Array(2000),
  'empty.mrc': new Uint8Array(0),
  'short-header.mrc': good.subarray(0, 1023),
  'noise.mrc': noise,
  'text.mrc': new TextEncoder().encode('<html>Please log in</html>'.repeat(100)),
  'no-data.mrc': good.subarray(0, 1024),
  'cut.mrc': good.subarray(0, good.byteLength - 1),
  'negative.mrc': changed({ 1: -4 }),
  'terabytes.mrc': changed({ 1: 1 << 20, 2: 1 << 20 }),
  'gigabytes.mrc': changed({ 1: 1 << 15, 2: 1 << 15, 3: 1 }),
  'beyond.mrc': changed({ 1: most, 2: most, 3: most }),
  'mode-99.mrc': changed({ 4: 99 }),
  'extension.mrc': changed({ 24: most }),
  'negative-extension.mrc': changed({ 24: -1 }),
  'axes.mrc': changed({ 17: 1, 18: 1, 19: 2 }),
  'volumes.mrc': changed({ 10: 0, 23: 401 }),
  'volumes-left.mrc': changed({ 3: 3, 10: 2, 23: 401 }),
  'cut.mrc.gz': gzipped.subarray(0, gzipped.byteLength - 12),
  'header-only.mrc.gz': gzipped.subarray(0, 10),
  'checksum.mrc.gz': gzipped.with(gzipped.byteLength - 6, (gzipped.at(-6) ?? 0) ^ 1),
  'trailing.mrc.gz': Uint8Array.of(...gzipped, 1, 2, 3),
  'terabytes.mrc.gz': gzipSync(changed({ 1: 1 << 20, 2: 1 << 20 })),
  'short.mrc.gz': gzipSync(good.subarray(0, good.byteLength - 1)),
  'bomb.mrc.gz': gzipSync(Buffer.concat([good, Buffer.alloc(200 << 20)])),
  'cut.mrc.bz2': bzipped.subarray(0, bzipped.byteLength - 20),
  'checksum.mrc.bz2': bzipped.with(bzipped.byteLength >> 1, (bzipped[bzipped.byteLength >> 1] ?? 0) ^ 0x10),
  'not.mrc.bz2': noise
}
for (const [name, bytes] of Object.entries(files)) writeFileSync(path(name), bytes)
mkdirSync(path('folder.mrc'))

const opened = () => openSource(path('good.mrc'))
const spec = (changes: object): unknown => ({ kind: 'mrc', path: path('good.mrc'), ...changes })

const cases: readonly (readonly [what: string, code: ErrorCode, work: () => Promise<unknown>])[] = [
  ['an unknown kind', 'ERR_UNKNOWN_KIND', () => openSource(path('good.mrc'), { format: 'mrcs' })],
  ['an unknown extension', 'ERR_UNKNOWN_FORMAT', () => openSource(path('unknown.extension'))],
  ['a file that is missing', 'ERR_NOT_FOUND', () => openSource(path('missing.mrc'))],
  ['a file that is missing, compressed', 'ERR_NOT_FOUND', () => openSource(path('missing.mrc.gz'))],
  ['a folder for a file', 'ERR_NOT_FOUND', () => openSource(path('folder.mrc'))],
  ['a file for a folder', 'ERR_NOT_FOUND', () => openSource(path('good.mrc/inside.mrc'))],
  ['an array that is not in it', 'ERR_NOT_FOUND', () => openSource(path('good.mrc'), { internalPath: 'other' })],
  ['listing a damaged file', 'ERR_CORRUPT_DATA', () => listArrays(path('cut.mrc'))],
  ['an empty file', 'ERR_CORRUPT_DATA', () => read('empty.mrc')],
  ['a header that is cut', 'ERR_CORRUPT_DATA', () => read('short-header.mrc')],
  ['noise', 'ERR_CORRUPT_DATA', () => read('noise.mrc')],
  ['a web page', 'ERR_CORRUPT_DATA', () => read('text.mrc')],
  ['a header without data', 'ERR_CORRUPT_DATA', () => read('no-data.mrc')],
  ['data that lack a byte', 'ERR_CORRUPT_DATA', () => read('cut.mrc')],
  ['a negative dimension', 'ERR_CORRUPT_DATA', () => read('negative.mrc')],
  ['a header that announces terabytes', 'ERR_CORRUPT_DATA', () => read('terabytes.mrc')],
  ['a header that announces gigabytes', 'ERR_CORRUPT_DATA', () => read('gigabytes.mrc')],
  ['a header beyond all numbers', 'ERR_CORRUPT_DATA', () => read('beyond.mrc')],
  ['an unknown mode', 'ERR_UNSUPPORTED', () => read('mode-99.mrc')],
  ['an extended header beyond the file', 'ERR_CORRUPT_DATA', () => read('extension.mrc')],
  ['a negative extended header', 'ERR_CORRUPT_DATA', () => read('negative-extension.mrc')],
  ['axes that are not three', 'ERR_CORRUPT_DATA', () => read('axes.mrc')],
  ['volumes without sections', 'ERR_CORRUPT_DATA', () => read('volumes.mrc')],
  ['sections that are no whole volumes', 'ERR_CORRUPT_DATA', () => read('volumes-left.mrc')],
  ['gzip that is cut', 'ERR_CORRUPT_DATA', () => read('cut.mrc.gz')],
  ['gzip that is cut at once', 'ERR_CORRUPT_DATA', () => read('header-only.mrc.gz')],
  ['gzip with a wrong checksum', 'ERR_CORRUPT_DATA', () => read('checksum.mrc.gz')],
  ['gzip with something behind it', 'ERR_CORRUPT_DATA', () => read('trailing.mrc.gz')],
  ['gzip whose header announces terabytes', 'ERR_CORRUPT_DATA', () => read('terabytes.mrc.gz')],
  ['gzip of too few data', 'ERR_CORRUPT_DATA', () => read('short.mrc.gz')],
  ['gzip that never ends', 'ERR_CORRUPT_DATA', () => read('bomb.mrc.gz')],
  ['bzip2 that is cut', 'ERR_CORRUPT_DATA', () => read('cut.mrc.bz2')],
  ['bzip2 with a wrong checksum', 'ERR_CORRUPT_DATA', () => read('checksum.mrc.bz2')],
  ['bzip2 that is none', 'ERR_CORRUPT_DATA', () => read('not.mrc.bz2')],
  ['an index out of range', 'ERR_INVALID_INDEX', async () => (await opened()).get([2])],
  ['an index of too many axes', 'ERR_INVALID_INDEX', async () => (await opened()).get([0, 0, 0, 0])],
  ['a step backwards', 'ERR_INVALID_INDEX', async () => (await opened()).get([slice(2, 0, -1)])],
  ['memory of another dtype', 'ERR_DTYPE_MISMATCH', async () => (await opened()).get('...', { out: new Float32Array(24) })],
  ['memory of another size', 'ERR_SHAPE_MISMATCH', async () => (await opened()).get('...', { out: new Int16Array(23) })],
  ['writing', 'ERR_READ_ONLY', async () => (await opened()).set('...', 1)],
  ['opening for writing', 'ERR_READ_ONLY', () => openSource(path('good.mrc'), { mode: 'r+' })],
  ['creating over a file', 'ERR_ALREADY_EXISTS', () => createSource(path('good.mrc'), { shape: [2, 2], dtype: 'int8' })],
  ['creating over a folder', 'ERR_ALREADY_EXISTS', () => createSource(path('folder.mrc'), { shape: [2, 2], dtype: 'int8' })],
  ['replacing a folder', 'ERR_ALREADY_EXISTS', () => createSource(path('folder.mrc'), { shape: [2, 2], dtype: 'int8', overwrite: true })],
  [
    'creating what MRC does not hold, over a file',
    'ERR_UNSUPPORTED',
    () => createSource(path('good.mrc'), { shape: [2, 2], dtype: 'uint8', overwrite: true })
  ],
  ['a value of another dtype', 'ERR_DTYPE_MISMATCH', () => writing((source) => source.set('...', new Float64Array(24)))],
  ['a value that does not fit', 'ERR_DTYPE_MISMATCH', () => writing((source) => source.set('...', 2 ** 15))],
  ['a value of another shape', 'ERR_SHAPE_MISMATCH', () => writing((source) => source.set([0], new Int16Array(13)))],
  ['writing out of range', 'ERR_INVALID_INDEX', () => writing((source) => source.set([2], 1))],
  ['a spec with an option', 'ERR_INVALID_SPEC', () => fromSpec(spec({ params: { statistics: false } }))],
  ['a spec with a field', 'ERR_INVALID_SPEC', () => fromSpec(spec({ token: 'x' }))],
  ['a spec with a prototype', 'ERR_INVALID_SPEC', () => fromSpec(JSON.parse('{"kind":"mrc","__proto__":{"path":"x"},"path":"x.mrc"}'))],
  ['a spec with a NUL', 'ERR_INVALID_SPEC', () => fromSpec(spec({ path: `${path('good.mrc')}\0.txt` }))],
  ['a spec without a path', 'ERR_INVALID_SPEC', () => fromSpec({ kind: 'mrc' } as unknown)],
  ['a spec that writes', 'ERR_READ_ONLY', () => fromSpec(spec({ params: { mode: 'r+' } }))],
  ['a spec of another place', 'ERR_NOT_FOUND', () => fromSpec(spec({ path: path('elsewhere.mrc') }))],
  ['a spec of an array that is not in it', 'ERR_NOT_FOUND', () => fromSpec(spec({ internalPath: '__proto__' }))],
  ['a store that cannot be written', 'ERR_READ_ONLY', () => createSource(new File([], 'x.mrc'), { shape: [2, 2], dtype: 'int8' })],
  ['a store without the file', 'ERR_NOT_FOUND', () => openSource(memoryStore(), { format: 'mrc' })]
]

/** Does something to a file that is being made, and gives that up. */
async function writing(work: (source: Awaited<ReturnType<typeof createSource<'mrc'>>>) => Promise<void>): Promise<void> {
  const source = await createSource(path('new.mrc'), { format: 'mrc', shape: [2, 3, 4], dtype: 'int16' })
  try {
    await work(source)
  } finally {
    await source.discard()
  }
}

describe('bad input gives its error at once, takes little memory and leaves every file as it is', () => {
  it.each(cases)('%s: %s', async (_, code, work) => {
    const before = folderContent(folder)
    const { error, bytes } = await memoryOf(work)
    expect(error).toMatchObject({ name: 'SourceError', code })
    expect(bytes).toBeLessThan(fewBytes)
    expect(folderContent(folder)).toEqual(before)
  })
})

describe('any header', () => {
  it('gives an error, or an array that lies in the file', async () => {
    const values = [-1, 0, 1, 2, 101, 255, 401, 1 << 16, most, -(2 ** 31)]
    for (let word = 1; word <= 56; word++) {
      for (const value of values) {
        const store = memoryStore([['', changed({ [word]: value })]])
        try {
          const source = await openSource(store, { format: 'mrc' })
          expect((await source.get('...')).data.length).toBeLessThanOrEqual(2 * good.byteLength)
        } catch (error) {
          expect(error).toMatchObject({ name: 'SourceError', code: expect.stringMatching(/^ERR_(CORRUPT_DATA|UNSUPPORTED)$/) })
        }
      }
    }
  })
  it('cut anywhere is an error', async () => {
    for (let length = 0; length < good.byteLength; length += 13) {
      const store = memoryStore([['', good.subarray(0, length)]])
      await expect(openSource(store, { format: 'mrc' })).rejects.toMatchObject({ code: 'ERR_CORRUPT_DATA' })
    }
  })
})
