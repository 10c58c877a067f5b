import { constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { isSourceError, memoryStore, type Store } from '@bioimage/core'
import { describe, expect, test } from 'vitest'
import { type SeekableStreamOptions, seekableStream } from '../src/index.js'
import { inflateFields, inflateOverrun, inflateStates } from '../src/kernel/inflate-state.js'
import { bothKernels, SeededRandom } from './kernels.js'

const { scalar, wasm } = await bothKernels()

const concatenate = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))

/** A store of one object that counts what is asked of it. */
function counting(bytes: Uint8Array): Store & { requests: number; bytesRead: number } {
  const store = memoryStore([['', bytes]])
  const counted = {
    identity: store.identity,
    path: undefined,
    remote: false,
    requests: 0,
    bytesRead: 0,
    size: store.size.bind(store),
    async get(...request: Parameters<Store['get']>) {
      const part = await store.get(...request)
      counted.requests++
      counted.bytesRead += part?.byteLength ?? 0
      return part
    }
  }
  return counted
}

const open = (bytes: Uint8Array, options: Partial<SeekableStreamOptions> = {}) =>
  seekableStream(memoryStore([['', bytes]]), { format: 'gzip', length: bytes.byteLength, ...options })

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: unknown) => (isSourceError(error) ? error.code : String(error))
  )

const random = new SeededRandom(77)
const data = random.bytes(400_000)
const { Z_FIXED, Z_RLE, Z_SYNC_FLUSH } = constants

/** Members with every field of the header (RFC 1952). */
function withHeaderFields(bytes: Uint8Array): Uint8Array {
  const plain = gzipSync(bytes)
  const header = concatenate(Uint8Array.of(0x1f, 0x8b, 8, 0x1d, 0, 0, 0, 0, 2, 3, 4, 0), Buffer.from('XTRAname.nii\0comment\0'))
  return concatenate(header, plain.subarray(10))
}

const flushed = gzipSync(data, { finishFlush: Z_SYNC_FLUSH })
const halves = [data.subarray(0, 150_000), data.subarray(150_000)].map((half) => gzipSync(half))
const streams: Readonly<Record<string, Uint8Array>> = {
  'level 1': gzipSync(data, { level: 1 }),
  'level 9': gzipSync(data, { level: 9 }),
  'stored blocks': gzipSync(data, { level: 0 }),
  'fixed codes': gzipSync(data, { strategy: Z_FIXED }),
  runs: gzipSync(data, { strategy: Z_RLE }),
  'small blocks': gzipSync(data, { memLevel: 1 }),
  'two members': concatenate(...halves),
  'many members': concatenate(...Array.from({ length: 400 }, (_, at) => gzipSync(data.subarray(at * 1000, at * 1000 + 1000)))),
  'empty members': concatenate(gzipSync(new Uint8Array(0)), ...halves, gzipSync(new Uint8Array(0))),
  'fields in the header': withHeaderFields(data),
  'zeros behind it': concatenate(gzipSync(data), new Uint8Array(5000))
}

async function checkRandomReads(stream: Awaited<ReturnType<typeof seekableStream>>, rounds: number): Promise<void> {
  const wrong: unknown[] = []
  for (let round = 0; round < rounds; round++) {
    const offset = random.below(data.byteLength + 100)
    const length = 1 + random.below(random.below(2) === 0 ? 100 : 50_000)
    const found = await stream.get('', { range: { offset, length } })
    if (found === undefined || Buffer.compare(found, data.subarray(offset, offset + length)) !== 0) wrong.push([offset, length])
  }
  expect(wrong).toEqual([])
}

describe.each(Object.entries(streams))('a stream of %s', (_, stream) => {
  test.each([
    ['kept pieces', {}],
    ['small pieces, nothing kept', { span: 3000, cache: false }]
  ] as const)('is read at random places, with %s', async (_, options) => {
    const opened = await open(stream, options)
    await checkRandomReads(opened, 40)
    expect(await opened.size('')).toBe(data.byteLength)
    expect(opened.isIndexed).toBe(true)
    await checkRandomReads(opened, 40)
    expect(Buffer.compare((await opened.get('')) ?? new Uint8Array(0), data)).toBe(0)
    expect(await opened.get('', { range: { suffixLength: 7 } })).toEqual(data.slice(-7))
    expect(await opened.get('other')).toBeUndefined()
  })

  test('is read by an index made before', async () => {
    const index = await (await open(stream, { span: 20_000 })).exportIndex()
    const opened = await open(stream, { index })
    expect(opened.isIndexed).toBe(true)
    await checkRandomReads(opened, 40)
    expect(Buffer.compare(await opened.exportIndex(), index)).toBe(0)
  })
})

test('a zlib stream inside of an object is read, whatever follows it', async () => {
  const object = concatenate(new Uint8Array(100).fill(9), deflateSync(data), new Uint8Array(100).fill(9))
  const stream = await open(object, { format: 'zlib', offset: 100, length: object.byteLength - 100, span: 5000 })
  await checkRandomReads(stream, 40)
  expect(await stream.size('')).toBe(data.byteLength)
  const damaged = object.with(object.byteLength - 101, (object.at(-101) ?? 0) ^ 1)
  const other = await open(damaged, { format: 'zlib', offset: 100, length: object.byteLength - 100 })
  expect(await codeOf(other.size(''))).toBe('ERR_CORRUPT_DATA')
})

describe('reading costs no more than it must', () => {
  const large = random.bytes(3_000_000)
  const stream = gzipSync(large)

  test('the beginning is read without the rest', async () => {
    const store = counting(stream)
    const opened = await seekableStream(store, { format: 'gzip', length: stream.byteLength })
    await opened.get('', { range: { offset: 0, length: 352 } })
    expect(store.bytesRead).toBeLessThan(70_000)
  })
  test('the first pass reads every byte once', async () => {
    const store = counting(stream)
    const opened = await seekableStream(store, { format: 'gzip', length: stream.byteLength })
    await opened.size('')
    expect(store.bytesRead).toBe(stream.byteLength)
  })
  test('later reads take the piece that holds them, once', async () => {
    const store = counting(stream)
    const opened = await seekableStream(store, { format: 'gzip', length: stream.byteLength, span: 100_000 })
    const index = await opened.exportIndex()
    const again = await seekableStream(store, { format: 'gzip', length: stream.byteLength, index })
    store.bytesRead = 0
    store.requests = 0
    const at = (offset: number) => again.get('', { range: { offset, length: 100 } })
    await Promise.all([at(1_500_000), at(1_500_100), at(1_500_200)])
    expect(await at(1_500_050)).toEqual(large.slice(1_500_050, 1_500_150))
    expect(store.requests).toBe(1)
    expect(store.bytesRead).toBeLessThan((110_000 * stream.byteLength) / large.byteLength + 5000)
  })
  test('checkpoints stay few, whatever the span', async () => {
    const opened = await open(streams['level 1'] ?? stream, { span: 100 })
    const index = await opened.exportIndex()
    await checkRandomReads(opened, 60)
    await checkRandomReads(await open(streams['level 1'] ?? stream, { index }), 60)
    expect(index.byteLength).toBeLessThan(1024 * 33_000)
  })
})

describe('what is wrong is an error', () => {
  const stream = gzipSync(data)
  const changed = (at: number): Uint8Array => stream.map((byte, index) => (index === stream.byteLength + at ? byte ^ 1 : byte))
  test.each([
    ['nothing', new Uint8Array(0)],
    ['noise', random.bytes(1000)],
    ['a cut stream', stream.subarray(0, stream.byteLength * 0.6)],
    ['a cut trailer', stream.subarray(0, -3)],
    ['a cut header', stream.subarray(0, 7)],
    ['a header whose name does not end', Uint8Array.of(0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 0, 65, 66, 67)],
    ['another checksum', changed(-8)],
    ['another length', changed(-2)],
    ['a flush in the place of the end', flushed],
    ['garbage behind the end', concatenate(stream, Uint8Array.of(1, 2, 3))],
    ['zeros and garbage behind the end', concatenate(stream, Uint8Array.of(0, 0, 3))]
  ])('%s', async (_, bytes) => {
    expect(await codeOf((await open(bytes)).get('', { range: { offset: 0, length: data.byteLength } }))).toBe('ERR_CORRUPT_DATA')
    expect(await codeOf((await open(bytes)).size(''))).toBe('ERR_CORRUPT_DATA')
  })

  test('changed bytes, in every place that is tried', async () => {
    for (let round = 0; round < 60; round++) {
      const at = -1 - random.below(stream.byteLength - 10)
      expect(await codeOf((await open(changed(at))).get('', { range: { offset: 0, length: data.byteLength } }))).toBe('ERR_CORRUPT_DATA')
    }
  })

  test.each([true, false])('what was given out before the damage was met is refused after it (kept pieces: %s)', async (keeps) => {
    for (const bad of [changed(-8), changed(-2), changed(-5000)]) {
      const opened = await open(bad, { span: 20_000, ...(!keeps && { cache: false }) })
      const beginning = { range: { offset: 0, length: 100 } }
      expect(await opened.get('', beginning)).toEqual(data.slice(0, 100))
      expect(await codeOf(opened.size(''))).toBe('ERR_CORRUPT_DATA')
      for (const offset of [0, 50_000, 390_000])
        expect(await codeOf(opened.get('', { range: { offset, length: 100 } }))).toBe('ERR_CORRUPT_DATA')
      expect(await codeOf(opened.exportIndex())).toBe('ERR_CORRUPT_DATA')
      expect(opened.isIndexed).toBe(false)
    }
  })

  test('a read beside the one that meets the damage fails with it', async () => {
    const opened = await open(changed(-8), { span: 20_000 })
    const reads = [opened.size(''), opened.get('', { range: { offset: 0, length: data.byteLength } }), opened.size('')]
    expect(await Promise.all(reads.map(codeOf))).toEqual(Array.from(reads, () => 'ERR_CORRUPT_DATA'))
  })

  test('a stream that is not the one of its index', async () => {
    const index = await (await open(stream, { span: 50_000 })).exportIndex()
    expect(await codeOf(open(gzipSync(data.subarray(5000)), { index }))).toBe('ERR_CORRUPT_DATA')
    const other = changed(-50_000)
    const opened = await open(other, { index })
    expect(await codeOf(opened.get(''))).toBe('ERR_CORRUPT_DATA')
  })

  test('a header whose name has no end is not searched for ever', async () => {
    const name = new Uint8Array(9 << 20).fill(65)
    for (const flag of [8, 16]) {
      const store = counting(concatenate(Uint8Array.of(0x1f, 0x8b, 8, flag, 0, 0, 0, 0, 0, 0), name))
      const opened = await seekableStream(store, { format: 'gzip', length: name.byteLength + 10 })
      expect(await codeOf(opened.get('', { range: { offset: 0, length: 1 } }))).toBe('ERR_CORRUPT_DATA')
      expect(store.bytesRead).toBeLessThan(4 << 20)
    }
  })

  test('an index that is damaged', async () => {
    const index = await (await open(stream)).exportIndex()
    for (const bad of [new Uint8Array(0), index.subarray(0, 100), index.map((byte, at) => (at === 40 ? byte ^ 1 : byte)), stream]) {
      expect(await codeOf(open(stream, { index: bad }))).toBe('ERR_CORRUPT_DATA')
    }
  })

  test('a file that was cut or removed since', async () => {
    let bytes: Uint8Array | undefined = stream
    const store: Store = {
      identity: 'changing',
      path: undefined,
      remote: false,
      size: async () => bytes?.byteLength,
      get: async (_, { range } = {}) => {
        const [from, length] = range !== undefined && 'offset' in range ? [range.offset, range.length] : [0, 0]
        return bytes?.slice(from, from + length)
      }
    }
    const opened = await seekableStream(store, { format: 'gzip', length: stream.byteLength, cache: false })
    bytes = stream.subarray(0, 1000)
    expect(await codeOf(opened.size(''))).toBe('ERR_CORRUPT_DATA')
    bytes = undefined
    expect(await codeOf(opened.size(''))).toBe('ERR_NOT_FOUND')
    bytes = stream
    expect(await opened.size('')).toBe(data.byteLength)
  })
})

test('an abort ends one reader and leaves the others', async () => {
  const stream = await open(gzipSync(data), { span: 10_000 })
  const controller = new AbortController()
  const first = stream.get('', { range: { offset: 0, length: data.byteLength }, signal: controller.signal })
  const second = stream.get('', { range: { offset: 100, length: 300_000 } })
  controller.abort(new Error('enough'))
  await expect(first).rejects.toThrow('enough')
  expect(Buffer.compare((await second) ?? new Uint8Array(0), data.subarray(100, 300_100))).toBe(0)
})

describe.each([
  ['WebAssembly', wasm],
  ['TypeScript', scalar]
])('the decoder in %s', (_, kernel) => {
  const { functions, scratch } = kernel
  test('may stop and go on between any two symbols, with pieces of input', () => {
    const bytes = data.subarray(0, 60_000)
    const statuses = new Set<number>()
    for (const options of [{ level: 6 }, { level: 0 }, { strategy: Z_FIXED }, { memLevel: 1 }]) {
      const stream = deflateRawSync(bytes, options)
      const mark = scratch.mark()
      const workspace = scratch.allocate(functions.inflateWorkspaceSize())
      const source = scratch.allocate(stream.byteLength)
      const destination = scratch.allocate(bytes.byteLength + inflateOverrun)
      scratch.bytes.set(stream, source)
      const field = (name: keyof typeof inflateFields): number =>
        new DataView(scratch.bytes.buffer, scratch.bytes.byteOffset + workspace + inflateFields[name]).getInt32(0, true)
      functions.inflateBegin(workspace, 0, 0, 0)
      let [input, output, status] = [0, 0, -1]
      while (status !== 0) {
        const length = Math.min(stream.byteLength - input, 1024 + random.below(3000))
        const isAll = input + length === stream.byteLength ? 1 : 0
        const stop = random.below(8000)
        const room = bytes.byteLength - output + inflateOverrun
        status = functions.inflateSome(source + input, length, isAll, destination, destination + output, room, stop, workspace)
        expect(status).toBeGreaterThanOrEqual(0)
        statuses.add(status)
        expect(field('produced')).toBeLessThanOrEqual(stop + inflateOverrun)
        input += field('consumed')
        output += field('produced')
      }
      expect(field('state')).toBe(inflateStates.end)
      expect([input, output]).toEqual([stream.byteLength, bytes.byteLength])
      expect(Buffer.compare(scratch.view(destination, output), bytes)).toBe(0)
      scratch.release(mark)
    }
    expect([...statuses].sort()).toEqual([0, 1, 2])
  })
})

describe('a stream of which the first bytes are wanted', () => {
  const bytes = data.subarray(0, 200_000)
  const plain = new Uint8Array(deflateSync(bytes))
  const openWanted = (stream: Uint8Array, decompressedLength: number = bytes.byteLength) =>
    open(stream, { format: 'zlib', decompressedLength, span: 50_000 })
  const longer = new Uint8Array(deflateSync(data))
  // Blocks one behind the other, and what is no block where the last one should be.
  const flushedBlocks = deflateRawSync(bytes, { finishFlush: Z_SYNC_FLUSH })
  const broken = concatenate(Uint8Array.of(0x78, 0x9c), flushedBlocks, Uint8Array.of(0x07, 0xff, 0xff, 0xff, 0xff, 0xff))

  test.each([
    ['whole', plain],
    ['without its checksum', plain.subarray(0, -4)],
    ['with a part of its checksum', plain.subarray(0, -2)],
    ['without its end', broken.subarray(0, -6)],
    ['damaged behind them', broken],
    ['longer', longer]
  ])('gives them: %s', async (_, stream) => {
    const whole = await openWanted(stream)
    expect(await whole.get('')).toEqual(bytes)
    expect(await whole.size('')).toBe(bytes.byteLength)
    const parts = await openWanted(stream)
    for (const offset of [150_000, 20, 199_990]) {
      expect(await parts.get('', { range: { offset, length: 100 } })).toEqual(bytes.subarray(offset, offset + 100))
    }
  })
  test.each([
    ['a checksum that does not match', plain.with(plain.byteLength - 1, (plain.at(-1) ?? 0) ^ 1)],
    ['damage among them', plain.with(plain.byteLength >> 1, (plain[plain.byteLength >> 1] ?? 0) ^ 255)],
    ['an end among them', plain.subarray(0, plain.byteLength >> 1)]
  ])('does not hide %s', async (_, stream) => {
    const opened = await openWanted(stream)
    expect(await codeOf(opened.get('', { range: { offset: 0, length: bytes.byteLength } }))).toBe('ERR_CORRUPT_DATA')
  })
})
