/** What other readers get silently wrong, built by hand from the specification's words, and metadata that must be refused. */
import { deflateSync, gzipSync } from 'node:zlib'
import { type ErrorCode, isSourceError, memoryStore, openSource, type Store } from '@bioimage/core'
import { describe, expect, it } from 'vitest'
import '@bioimage/zarr'

const text = new TextEncoder()
const little = { name: 'bytes', configuration: { endian: 'little' } }
const crc32c = { name: 'crc32c' }

/** CRC-32C bit by bit (RFC 3720, appendix B.4): slow, and not the implementation under test. */
function checksum(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  }
  return (crc ^ 0xffffffff) >>> 0
}

function withChecksum(bytes: Uint8Array): Uint8Array {
  return concat(bytes, new Uint8Array(Uint32Array.of(checksum(bytes)).buffer))
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}

function u16(...values: readonly number[]): Uint8Array {
  return new Uint8Array(Uint16Array.from(values).buffer)
}

function shardIndex(entries: readonly (readonly [number, number] | null)[]): Uint8Array {
  const words = entries.flatMap((entry) => (entry === null ? [2n ** 64n - 1n, 2n ** 64n - 1n] : [BigInt(entry[0]), BigInt(entry[1])]))
  return withChecksum(new Uint8Array(BigUint64Array.from(words).buffer))
}

interface V3 {
  readonly shape?: readonly number[]
  readonly chunk?: readonly number[]
  readonly type?: unknown
  readonly fill?: unknown
  readonly codecs?: unknown
  readonly more?: object
  /** Text that takes the place of `"FILL"`: numbers that JSON.stringify cannot write. */
  readonly raw?: string
}

function v3(
  { shape = [4], chunk = shape, type = 'uint16', fill = 0, codecs = [little], more = {}, raw }: V3,
  chunks: Readonly<Record<string, Uint8Array>> = {}
): Store {
  const document = {
    zarr_format: 3,
    node_type: 'array',
    shape,
    data_type: type,
    chunk_grid: { name: 'regular', configuration: { chunk_shape: chunk } },
    chunk_key_encoding: { name: 'default' },
    fill_value: raw === undefined ? fill : 'FILL',
    codecs,
    ...more
  }
  return memoryStore([['zarr.json', text.encode(JSON.stringify(document).replace('"FILL"', raw ?? ''))], ...Object.entries(chunks)])
}

function v2(document: object, chunks: Readonly<Record<string, Uint8Array>> = {}): Store {
  const whole = {
    zarr_format: 2,
    shape: [4],
    chunks: [4],
    dtype: '<u2',
    compressor: null,
    filters: null,
    fill_value: 0,
    order: 'C',
    ...document
  }
  return memoryStore([['.zarray', text.encode(JSON.stringify(whole))], ...Object.entries(chunks)])
}

async function read(store: Store): Promise<readonly (number | bigint)[]> {
  const source = await openSource(store, { format: 'zarr', context: { cache: false } })
  const { data } = await source.get()
  return [...data]
}

async function codeOf(store: Store): Promise<ErrorCode | undefined> {
  try {
    await read(store)
  } catch (error) {
    if (isSourceError(error)) return error.code
    throw error
  }
  return undefined
}

const sharding = (more: object = {}, inner: unknown = [little]): object => ({
  name: 'sharding_indexed',
  configuration: { chunk_shape: [2], codecs: inner, index_codecs: [little, crc32c], ...more }
})

describe('shards', () => {
  const first = u16(1, 2)
  const second = u16(3, 4)
  it('have their index at the start', async () => {
    const index = shardIndex([
      [36, 4],
      [40, 4]
    ])
    expect(await read(v3({ codecs: [sharding({ index_location: 'start' })] }, { 'c/0': concat(index, first, second) }))).toEqual([
      1, 2, 3, 4
    ])
  })
  it('hold chunks in any order, with gaps, shared, or not at all', async () => {
    const body = concat(second, new Uint8Array(5), first)
    expect(
      await read(
        v3(
          { codecs: [sharding()] },
          {
            'c/0': concat(
              body,
              shardIndex([
                [9, 4],
                [0, 4]
              ])
            )
          }
        )
      )
    ).toEqual([1, 2, 3, 4])
    expect(
      await read(
        v3(
          { codecs: [sharding()] },
          {
            'c/0': concat(
              body,
              shardIndex([
                [9, 4],
                [9, 4]
              ])
            )
          }
        )
      )
    ).toEqual([1, 2, 1, 2])
    expect(await read(v3({ codecs: [sharding()], fill: 7 }, { 'c/0': concat(body, shardIndex([null, [0, 4]])) }))).toEqual([7, 7, 3, 4])
  })
  it('may be compressed as a whole', async () => {
    const shard = concat(
      first,
      second,
      shardIndex([
        [0, 4],
        [4, 4]
      ])
    )
    const codecs = [sharding(), { name: 'gzip', configuration: { level: 1 } }]
    expect(await read(v3({ codecs }, { 'c/0': new Uint8Array(gzipSync(shard)) }))).toEqual([1, 2, 3, 4])
  })
  it('nest', async () => {
    const inner = sharding({ chunk_shape: [1] })
    const innerShard = (a: number, b: number): Uint8Array =>
      concat(
        u16(a),
        u16(b),
        shardIndex([
          [0, 2],
          [2, 2]
        ])
      )
    const [left, right] = [innerShard(1, 2), innerShard(3, 4)]
    const shard = concat(
      left,
      right,
      shardIndex([
        [0, left.length],
        [left.length, right.length]
      ])
    )
    expect(await read(v3({ codecs: [sharding({}, [inner])] }, { 'c/0': shard }))).toEqual([1, 2, 3, 4])
  })
  it('may be transposed', async () => {
    const transpose = { name: 'transpose', configuration: { order: [1, 0] } }
    // The array is 2 x 4; the shard is stored 4 x 2, its inner chunks 2 x 2.
    const shard = concat(
      u16(0, 4, 1, 5),
      u16(2, 6, 3, 7),
      shardIndex([
        [0, 8],
        [8, 8]
      ])
    )
    const store = v3({ shape: [2, 4], codecs: [transpose, sharding({ chunk_shape: [2, 2] })] }, { 'c/0/0': shard })
    expect(await read(store)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })
  it.each<[string, Uint8Array]>([
    [
      'a wrong checksum',
      concat(
        first,
        second,
        shardIndex([
          [0, 4],
          [4, 4]
        ]).map((byte, at) => (at === 33 ? byte ^ 1 : byte))
      )
    ],
    ['half an empty entry', concat(first, second, withChecksum(new Uint8Array(BigUint64Array.of(0n, 4n, 2n ** 64n - 1n, 4n).buffer)))],
    [
      'a chunk past the end',
      concat(
        first,
        second,
        shardIndex([
          [0, 4],
          [4000, 4]
        ])
      )
    ],
    [
      'an offset that overflows',
      concat(first, second, withChecksum(new Uint8Array(BigUint64Array.of(0n, 4n, 2n ** 63n, 2n ** 63n + 4n).buffer)))
    ],
    ['less than an index', new Uint8Array(20)]
  ])('are refused for %s', async (_, shard) => {
    expect(await codeOf(v3({ codecs: [sharding()] }, { 'c/0': shard }))).toBe('ERR_CORRUPT_DATA')
  })
})

describe('codecs', () => {
  it('compose two transposes', async () => {
    const order = { name: 'transpose', configuration: { order: [1, 2, 0] } }
    const other = { name: 'transpose', configuration: { order: [0, 2, 1] } }
    // a[i,j,k] of shape 2,1,3; order [1,2,0] stores it as [j,k,i]; then [0,2,1] as [j,i,k]: C order again.
    expect(await read(v3({ shape: [2, 1, 3], codecs: [order, other, little] }, { 'c/0/0/0': u16(1, 2, 3, 4, 5, 6) }))).toEqual([
      1, 2, 3, 4, 5, 6
    ])
    expect(await read(v3({ shape: [2, 1, 3], codecs: [order, little] }, { 'c/0/0/0': u16(1, 4, 2, 5, 3, 6) }))).toEqual([1, 2, 3, 4, 5, 6])
  })
  it('sum differences in the type of the array, whatever type stores them', async () => {
    const filters = [{ id: 'delta', dtype: '<u2', astype: '|i1' }]
    expect(await read(v2({ filters }, { '0': new Uint8Array(Int8Array.of(100, 100, 100, -50).buffer) }))).toEqual([100, 200, 300, 250])
  })
  it('run filters over Fortran-ordered elements', async () => {
    const filters = [{ id: 'delta', dtype: '<u2' }]
    expect(await read(v2({ shape: [2, 2], chunks: [2, 2], order: 'F', filters }, { '0.0': u16(1, 1, 1, 1) }))).toEqual([1, 3, 2, 4])
  })
  it('may be named by a string alone', async () => {
    expect(await read(v3({ type: 'uint8', codecs: ['bytes', 'crc32c'] }, { 'c/0': withChecksum(Uint8Array.of(1, 2, 3, 4)) }))).toEqual([
      1, 2, 3, 4
    ])
  })
  it('verify a checksum', async () => {
    expect(await codeOf(v3({ codecs: [little, crc32c] }, { 'c/0': concat(u16(1, 2, 3, 4), new Uint8Array(4)) }))).toBe('ERR_CORRUPT_DATA')
  })
  it('swap big-endian elements', async () => {
    expect(await read(v2({ dtype: '>u2' }, { '0': Uint8Array.of(1, 0, 2, 0, 3, 0, 4, 0) }))).toEqual([256, 512, 768, 1024])
  })
  it.each<[string, Store]>([
    ['a short raw chunk', v2({}, { '0': new Uint8Array(7) })],
    ['a long raw chunk', v2({}, { '0': new Uint8Array(9) })],
    ['an empty raw chunk', v2({}, { '0': new Uint8Array(0) })],
    ['gzip of too many bytes', v2({ compressor: { id: 'gzip', level: 1 } }, { '0': new Uint8Array(gzipSync(new Uint8Array(4 << 20))) })],
    ['zlib of too few bytes', v2({ compressor: { id: 'zlib', level: 1 } }, { '0': new Uint8Array(deflateSync(new Uint8Array(6))) })],
    [
      'a blosc frame of noise',
      v2(
        { compressor: { id: 'blosc', cname: 'lz4', clevel: 5, shuffle: 1 } },
        { '0': new Uint8Array(40).map((_, at) => (at === 0 ? 2 : at * 89)) }
      )
    ],
    [
      'lz4 with a false size',
      v2({ compressor: { id: 'lz4' } }, { '0': concat(new Uint8Array(Uint32Array.of(1 << 30).buffer), new Uint8Array(8)) })
    ]
  ])('refuse %s', async (_, store) => {
    expect(await codeOf(store)).toBe('ERR_CORRUPT_DATA')
  })
})

describe('fill values', () => {
  it.each<[string, unknown, string, number | bigint]>([
    ['uint64', undefined, '18446744073709551615', 2n ** 64n - 1n],
    ['int64', undefined, '9007199254740993', 9007199254740993n],
    ['float32', '0x3f800000', '', 1],
    ['float64', undefined, '-0.0', -0]
  ])('of %s are exact (%s%s)', async (type, fill, raw, expected) => {
    expect(await read(v3({ type, fill, shape: [1], ...(raw !== '' && { raw }) }))).toEqual([expected])
  })
  it('keep the payload of a NaN', async () => {
    const { data } = await (await openSource(v3({ type: 'float32', fill: '0x7fc12345', shape: [1] }), { format: 'zarr' })).get()
    expect(new Uint32Array(data.buffer)[0]).toBe(0x7fc12345)
  })
  it('may be null in v2, also for 64-bit integers', async () => {
    expect(await read(v2({ dtype: '<i8', fill_value: null }))).toEqual([0n, 0n, 0n, 0n])
  })
  it('stand for every missing chunk, and zero axes for none', async () => {
    expect(await read(v3({ shape: [3], chunk: [2], fill: 9 }))).toEqual([9, 9, 9])
    expect(await read(v3({ shape: [0], chunk: [2], fill: 9 }))).toEqual([])
  })
})

describe('metadata are refused with', () => {
  it.each<[string, ErrorCode, Store]>([
    ['no codecs', 'ERR_CORRUPT_DATA', v3({ codecs: [] })],
    ['two array-to-bytes codecs', 'ERR_CORRUPT_DATA', v3({ codecs: [little, little] })],
    ['codecs in the wrong order', 'ERR_CORRUPT_DATA', v3({ codecs: [crc32c, little] })],
    ['a fill value of null', 'ERR_CORRUPT_DATA', v3({ fill: null })],
    ['no fill value', 'ERR_CORRUPT_DATA', v3({ more: { fill_value: undefined } })],
    ['a fill value out of range', 'ERR_CORRUPT_DATA', v3({ fill: 70000 })],
    ['another version', 'ERR_UNSUPPORTED', v3({ more: { zarr_format: 4 } })],
    ['names for another number of axes', 'ERR_CORRUPT_DATA', v3({ more: { dimension_names: ['x', 'y'] } })],
    ['an unknown member', 'ERR_UNSUPPORTED', v3({ more: { pyramid: true } })],
    ['a storage transformer', 'ERR_UNSUPPORTED', v3({ more: { storage_transformers: [{ name: 'x' }] } })],
    ['two unknown codecs', 'ERR_UNSUPPORTED', v3({ codecs: [{ name: 'x.one' }, { name: 'x.two' }] })],
    ['an unknown data type', 'ERR_UNSUPPORTED', v3({ type: 'string' })],
    ['a structured dtype', 'ERR_UNSUPPORTED', v2({ dtype: [['a', '<u2']] })],
    ['objects', 'ERR_UNSUPPORTED', v2({ dtype: '|O', filters: [{ id: 'pickle' }] })],
    ['a chunk of zero elements', 'ERR_CORRUPT_DATA', v2({ chunks: [0] })],
    ['a negative shape', 'ERR_CORRUPT_DATA', v2({ shape: [-4] })],
    ['a fractional shape', 'ERR_CORRUPT_DATA', v2({ shape: [1.5] })],
    ['too few axes of chunks', 'ERR_CORRUPT_DATA', v2({ shape: [4, 4] })],
    ['an order of axes that is none', 'ERR_CORRUPT_DATA', v3({ codecs: [{ name: 'transpose', configuration: { order: [1] } }, little] })],
    ['no JSON', 'ERR_CORRUPT_DATA', memoryStore([['zarr.json', text.encode('{"zarr_format": 3,')]])],
    ['a list for an object', 'ERR_CORRUPT_DATA', memoryStore([['.zarray', text.encode('[]')]])],
    ['no document at all', 'ERR_NOT_FOUND', memoryStore()]
  ])('%s', async (_, code, store) => {
    expect(await codeOf(store)).toBe(code)
  })
  it('a member that need not be understood is fine', async () => {
    expect(await read(v3({ fill: 5, shape: [1], more: { hint: { must_understand: false } } }))).toEqual([5])
  })
})

describe('names', () => {
  it.each(['a#b', 'a?b', '100%', 'ü'])('%s is a name like any other', async (name) => {
    const objects: [string, Uint8Array][] = []
    for await (const entry of v2({}, { '0': u16(1, 2, 3, 4) }).list?.('') ?? [])
      objects.push([`${name}/${entry.name}`, (await v2({}, { '0': u16(1, 2, 3, 4) }).get(entry.name)) ?? new Uint8Array()])
    const source = await openSource(memoryStore(objects), { format: 'zarr', internalPath: name })
    expect([...(await source.get()).data]).toEqual([1, 2, 3, 4])
  })
  it('a path upwards is refused', async () => {
    await expect(openSource(v2({}), { format: 'zarr', internalPath: 'a/../../b' })).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
  })
  it('a v2 array with unsaid "/" is not read as fill value', async () => {
    const store = v2({ shape: [2, 2], chunks: [2, 2] }, { '0/0': u16(1, 2, 3, 4) })
    expect(await codeOf(store)).toBe('ERR_CORRUPT_DATA')
    const source = await openSource(store, { format: 'zarr', dimensionSeparator: '/' })
    expect([...(await source.get()).data]).toEqual([1, 2, 3, 4])
  })
})
