import type { CodecSpec } from '@bioimage/core'
import { describe, expect, test } from 'vitest'
import { codecRuntime } from '../src/index.js'

/** A chunk of 2 x 3 elements of 2 bytes in blocks of at most 4 x 3. */
const shape = [2, 3]
const chunk = Uint8Array.from({ length: 12 }, (_, at) => at + 1)
const coderOf = (codec?: CodecSpec, blockSize: readonly number[] = [4, 3], chunkShape = shape) =>
  codecRuntime.coder({
    codecs: [{ id: 'n5_block', blockSize, ...(codec !== undefined && { codec }) }],
    byteLength: chunkShape.reduce((product, length) => product * length, 2),
    itemSize: 2,
    shape: chunkShape
  })

/** A header as the specification has it: the fastest axis first. */
const header = (mode: number, dims: readonly number[], ...counts: readonly number[]): Uint8Array => {
  const bytes = new DataView(new ArrayBuffer(4 + 4 * (dims.length + counts.length)))
  bytes.setUint16(0, mode)
  bytes.setUint16(2, dims.length)
  for (const [at, value] of [...dims, ...counts].entries()) bytes.setUint32(4 + 4 * at, value)
  return new Uint8Array(bytes.buffer)
}
const join = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]))
const decode = async (bytes: Uint8Array, codec?: CodecSpec): Promise<number[]> => [
  ...(await (await coderOf(codec)).decode(bytes, (decoded) => decoded.slice()))
]

describe('blocks of N5', () => {
  test('have a header of the shape, the fastest axis first', async () => {
    expect(await (await coderOf()).encode(chunk)).toEqual(join(header(0, [3, 2]), chunk))
    expect(await decode(join(header(0, [3, 2]), chunk))).toEqual([...chunk])
  })
  test.each(['gzip', 'zlib', 'lz4', 'zstd', 'blosc'])('are compressed behind it: %s', async (id) => {
    const codec = id === 'lz4' ? { id, framing: 'java' } : { id }
    const encoded = await (await coderOf(codec)).encode(chunk)
    expect([...encoded.subarray(0, 12)]).toEqual([...header(0, [3, 2])])
    expect(await decode(encoded, codec)).toEqual([...chunk])
  })
  test('that are padded are cut', async () => {
    const padded = join(header(0, [3, 4]), chunk, new Uint8Array(12).fill(99))
    expect(await decode(padded)).toEqual([...chunk])
  })
  test('that are smaller are filled up with zeros', async () => {
    expect(await decode(join(header(0, [2, 1]), chunk.subarray(0, 4)))).toEqual([1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0])
    expect(await decode(join(header(0, [2, 4]), chunk, chunk.subarray(0, 4)))).toEqual([1, 2, 3, 4, 0, 0, 5, 6, 7, 8, 0, 0])
  })
  test('of variable length are those of the default mode if their count is that of the elements', async () => {
    expect(await decode(join(header(1, [3, 2], 6), chunk))).toEqual([...chunk])
    await expect(decode(join(header(1, [3, 2], 5), chunk))).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
  })
  test('may be gzip streams where the metadata say zlib', async () => {
    const encoded = await (await coderOf({ id: 'gzip' })).encode(chunk)
    expect(await decode(encoded, { id: 'zlib' })).toEqual([...chunk])
    await expect(decode(await (await coderOf({ id: 'zlib' })).encode(chunk), { id: 'gzip' })).rejects.toMatchObject({
      code: 'ERR_CORRUPT_DATA'
    })
  })
  test.each<[string, Uint8Array, string]>([
    ['an empty object', new Uint8Array(), 'ERR_CORRUPT_DATA'],
    ['a header that ends early', header(0, [3, 2]).subarray(0, 11), 'ERR_CORRUPT_DATA'],
    ['another rank', join(header(0, [3, 2, 1]), chunk), 'ERR_CORRUPT_DATA'],
    ['an unknown mode', join(header(3, [3, 2]), chunk), 'ERR_CORRUPT_DATA'],
    ['objects', join(header(2, [3, 2]), chunk), 'ERR_UNSUPPORTED'],
    ['a block larger than the block size', join(header(0, [4, 2]), chunk), 'ERR_CORRUPT_DATA'],
    ['an axis without elements', header(0, [3, 0]), 'ERR_CORRUPT_DATA'],
    ['too few elements', join(header(0, [3, 2]), chunk.subarray(1)), 'ERR_CORRUPT_DATA'],
    ['too many elements', join(header(0, [3, 2]), chunk, chunk), 'ERR_CORRUPT_DATA']
  ])('refuse %s', async (_, bytes, code) => {
    await expect(decode(bytes)).rejects.toMatchObject({ code })
  })
  test.each(['gzip', 'zlib', 'lz4', 'zstd', 'blosc'])('whose header gives more than there is take no memory: %s', async (id) => {
    const codec = id === 'lz4' ? { id, framing: 'java' } : { id }
    const coder = await coderOf(codec, [2 ** 31, 2 ** 31])
    const encoded = await (await coderOf(codec)).encode(chunk)
    const hostile = join(header(0, [2 ** 31 - 1, 2 ** 31 - 1]), encoded.subarray(12))
    const before = process.memoryUsage()
    await expect((async () => coder.decode(hostile, () => undefined))()).rejects.toMatchObject({
      code: expect.stringMatching(/ERR_CORRUPT_DATA|ERR_TOO_LARGE/)
    })
    expect(process.memoryUsage().arrayBuffers - before.arrayBuffers).toBeLessThan(64 << 20)
  })
  test('take options of the right kind only', async () => {
    await expect(coderOf(undefined, [1, 3])).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
    await expect(coderOf(undefined, [4])).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
    await expect(coderOf({ id: 'unheard' })).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
    await expect(codecRuntime.coder({ codecs: [{ id: 'n5_block', blockSize: [4] }], byteLength: 8, itemSize: 2 })).rejects.toMatchObject({
      code: 'ERR_INVALID_ARGUMENT'
    })
  })
})
