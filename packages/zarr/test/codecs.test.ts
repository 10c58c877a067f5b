import { registerCodec } from '@bioimage/codecs'
import { type CodecSpec, createSource, type JsonObject, memoryStore, ndarray, openSource, type Store } from '@bioimage/core'
import { describe, expect, test } from 'vitest'
import '../src/index.js'

const values = Uint16Array.from({ length: 4 * 6 * 5 }, (_, at) => at * 37)
const array = ndarray(values, [4, 6, 5], 'uint16')

interface Options {
  readonly zarrVersion?: 2 | 3
  readonly shards?: readonly number[]
}

/** Writes the array with these codecs and gives its store. */
async function write(codecs: readonly CodecSpec[], options: Options = {}): Promise<Store> {
  const store = memoryStore()
  const source = await createSource(store, { format: 'zarr', shape: [4, 6, 5], dtype: 'uint16', chunks: [2, 3, 5], codecs, ...options })
  await source.set('...', array)
  await source.close()
  return store
}

async function documentOf(store: Store, key: string): Promise<JsonObject> {
  return JSON.parse(new TextDecoder().decode(await store.get(key)))
}

async function read(store: Store): Promise<unknown> {
  return (await (await openSource(store, { format: 'zarr' })).get()).data
}

describe('a codec of a third party', () => {
  const turn = (bytes: Uint8Array): Uint8Array => bytes.map((byte) => byte ^ 0x55)
  registerCodec('test.turn', async () => ({ decode: turn, encode: turn, maxEncodedBytes: (length) => length }))
  registerCodec('test.turn_array', async () => ({ decode: turn, encode: turn, maxEncodedBytes: (length) => length }), {
    kind: 'array-to-array'
  })

  test.each<Options>([{ zarrVersion: 2 }, { zarrVersion: 3 }, { zarrVersion: 3, shards: [4, 6, 5] }])(
    'stands in documents: %j',
    async (options) => {
      const codecs = [{ id: 'test.turn_array' }, { id: 'gzip', level: 1 }, { id: 'test.turn', mask: 1 }]
      const store = await write(codecs, options)
      expect(await read(store)).toEqual(values)
      const document = await documentOf(store, options.zarrVersion === 2 ? '.zarray' : 'zarr.json')
      if (options.zarrVersion === 2) {
        expect(document).toMatchObject({ filters: [{ id: 'test.turn_array' }, { id: 'gzip' }], compressor: { id: 'test.turn', mask: 1 } })
      } else if (options.shards === undefined) {
        expect(document.codecs).toMatchObject([
          { name: 'test.turn_array' },
          { name: 'bytes' },
          { name: 'gzip' },
          { name: 'test.turn', configuration: { mask: 1 } }
        ])
      }
    }
  )

  test('is named where it is missing', async () => {
    const store = await write([{ id: 'test.turn' }])
    const text = JSON.stringify(await documentOf(store, 'zarr.json')).replace('test.turn', 'test.absent')
    await store.set?.('zarr.json', new TextEncoder().encode(text))
    await expect(openSource(store, { format: 'zarr' })).rejects.toMatchObject({
      code: 'ERR_UNSUPPORTED',
      message: expect.stringContaining('"test.absent"')
    })
  })
})

describe('the option `codecs`', () => {
  test('takes transposes and the byte order of v3', async () => {
    const codecs = [
      { id: 'transpose', order: [2, 0, 1] },
      { id: 'bytes', endian: 'big' },
      { id: 'gzip', level: 1 }
    ]
    const store = await write(codecs)
    expect((await documentOf(store, 'zarr.json')).codecs).toMatchObject([
      { name: 'transpose', configuration: { order: [2, 0, 1] } },
      { name: 'bytes', configuration: { endian: 'big' } },
      { name: 'gzip' }
    ])
    expect(await read(store)).toEqual(values)
    // As they lie in the first chunk, without the compression.
    const plain = await write(codecs.slice(0, 2))
    const stored = new DataView(((await plain.get('c/0/0/0')) ?? new Uint8Array(0)).buffer)
    expect([0, 1, 2, 3, 4].map((at) => stored.getUint16(at * 2))).toEqual([0, 5, 10, 30, 35].map((at) => at * 37))
  })

  test('takes names with the prefix of numcodecs', async () => {
    expect(
      await read(
        await write([
          { id: 'numcodecs.delta', dtype: '<u2' },
          { id: 'numcodecs.zlib', level: 1 }
        ])
      )
    ).toEqual(values)
  })

  test.each<[string, string, readonly CodecSpec[], Options?]>([
    ['ERR_INVALID_ARGUMENT', 'delta (array-to-array) after gzip', [{ id: 'gzip' }, { id: 'delta', dtype: '<u2' }]],
    ['ERR_INVALID_ARGUMENT', 'delta (array-to-array) after gzip', [{ id: 'gzip' }, { id: 'delta', dtype: '<u2' }], { zarrVersion: 2 }],
    ['ERR_INVALID_ARGUMENT', 'transpose (array-to-array) after bytes', [{ id: 'bytes' }, { id: 'transpose', order: [2, 1, 0] }]],
    ['ERR_INVALID_ARGUMENT', 'bytes (array-to-bytes) after gzip', [{ id: 'gzip' }, { id: 'bytes', endian: 'little' }]],
    [
      'ERR_INVALID_ARGUMENT',
      'two array-to-bytes',
      [
        { id: 'bytes', endian: 'little' },
        { id: 'bytes', endian: 'little' }
      ]
    ],
    ['ERR_INVALID_ARGUMENT', 'permutation', [{ id: 'transpose', order: [0, 0, 1] }]],
    ['ERR_UNSUPPORTED', '`order`', [{ id: 'transpose', order: [2, 1, 0] }], { zarrVersion: 2 }],
    ['ERR_UNSUPPORTED', 'bytes', [{ id: 'bytes', endian: 'big' }], { zarrVersion: 2 }],
    ['ERR_UNSUPPORTED', '"n5_block"', [{ id: 'n5_block' }]],
    ['ERR_UNSUPPORTED', '"none"', [{ id: 'none' }]]
  ])('is refused with %s: %s', async (code, message, codecs, options) => {
    const store = memoryStore()
    const create = createSource(store, { format: 'zarr', shape: [4, 6, 5], dtype: 'uint16', codecs, ...options })
    await expect(create).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
    expect(await store.size('zarr.json')).toBeUndefined()
  })
})
