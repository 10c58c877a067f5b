import type { CodecSpec } from '@bioimage/core'
import { describe, expect, test } from 'vitest'
import '../src/hdf5.js'
import '../src/image.js'
import { createChain } from '../src/codec-chain.js'
import { canEncode, codecIds, codecRuntime, decodeBytes, describeCodec, encodeBytes, hasCodec, registerCodec } from '../src/index.js'
import { SeededRandom } from './kernels.js'

const chunk = new SeededRandom(41).bytes(300_000)
const coderOf = (codecs: CodecSpec[], byteLength = chunk.length, itemSize = 2) => codecRuntime.coder({ codecs, byteLength, itemSize })

describe('chains', () => {
  test('no codecs: the bytes themselves, of the right length only', async () => {
    const coder = await coderOf([])
    expect(coder.encode(chunk)).toBe(chunk)
    expect(coder.decode(chunk, (decoded) => decoded.buffer === chunk.buffer)).toBe(true)
    expect(() => coder.decode(chunk.subarray(1), () => undefined)).toThrow(/299999 bytes, expected 300000/)
    expect(() => coder.encode(chunk.subarray(1))).toThrow(/299999 bytes, expected 300000/)
  })

  test('kernel steps run without a promise', async () => {
    const codecs = [{ id: 'delta', dtype: '<u2' }, { id: 'shuffle', elementsize: 2 }, { id: 'blosc', cname: 'lz4' }, { id: 'crc32c' }]
    const coder = await coderOf(codecs)
    const encoded = coder.encode(chunk)
    expect(encoded).toBeInstanceOf(Uint8Array)
    if (encoded instanceof Promise) return
    const decoded = coder.decode(encoded, (bytes) => bytes.slice())
    expect(decoded).not.toBeInstanceOf(Promise)
    expect(decoded).toEqual(chunk)
  })

  test('steps that wait between steps that do not, many at once', async () => {
    const codecs = [{ id: 'delta', dtype: '<u2' }, { id: 'gzip' }, { id: 'crc32c' }, { id: 'lz4' }, { id: 'zlib' }, { id: 'crc32' }]
    const coder = await coderOf(codecs)
    const chunks = Array.from({ length: 12 }, (_, index) => new SeededRandom(100 + index).bytes(chunk.length))
    const encoded = await Promise.all(chunks.map(async (each) => coder.encode(each)))
    const decoded = await Promise.all(encoded.map(async (each) => coder.decode(each, (bytes) => bytes.slice())))
    for (const [index, each] of chunks.entries()) expect(Buffer.compare(each, decoded[index]!)).toBe(0)
  })

  test('the inputs are never changed', async () => {
    for (const codecs of [[{ id: 'bytes', endian: 'big' }], [{ id: 'delta', dtype: '<u2' }], [{ id: 'crc32c' }], [{ id: 'gzip' }]]) {
      const coder = await coderOf(codecs)
      const input = chunk.slice()
      const encoded = await coder.encode(input)
      expect(Buffer.compare(input, chunk)).toBe(0)
      const copy = encoded.slice()
      await coder.decode(encoded, () => undefined)
      expect(Buffer.compare(copy, encoded)).toBe(0)
    }
  })

  test('results of encoding survive later calls', async () => {
    const coder = await coderOf([{ id: 'lz4' }])
    const first = await coder.encode(chunk)
    const copy = first.slice()
    await coder.encode(new Uint8Array(chunk.length))
    expect(Buffer.compare(first, copy)).toBe(0)
  })

  test('decoding inside `use`, of bytes that lie in scratch memory', async () => {
    const inner = await coderOf([{ id: 'lz4' }])
    const encodedInner = await inner.encode(chunk)
    const outer = await coderOf([{ id: 'shuffle', elementsize: 4 }], encodedInner.length)
    const encodedOuter = await outer.encode(encodedInner)
    const decoded = await outer.decode(encodedOuter, (bytes) => inner.decode(bytes, (innerBytes) => innerBytes.slice()))
    expect(Buffer.compare(decoded, chunk)).toBe(0)
  })

  test('an error in `use` passes and leaves the chain usable', async () => {
    const coder = await coderOf([{ id: 'lz4' }])
    const encoded = await coder.encode(chunk)
    for (let round = 0; round < 1000; round++) {
      expect(() =>
        coder.decode(encoded, () => {
          throw new RangeError('mine')
        })
      ).toThrow('mine')
    }
    expect(coder.decode(encoded, (bytes) => bytes.length)).toBe(chunk.length)
  })

  test('Buffers come in, plain arrays go out', async () => {
    const coder = await coderOf([])
    await coder.decode(Buffer.from(chunk), (decoded) => expect(decoded.constructor).toBe(Uint8Array))
    const gzip = await coderOf([{ id: 'gzip' }])
    const encoded = await gzip.encode(chunk)
    expect(encoded.constructor).toBe(Uint8Array)
    await gzip.decode(encoded, (decoded) => expect(decoded.constructor).toBe(Uint8Array))
  })

  test('chunks of no bytes', async () => {
    for (const id of ['gzip', 'zlib', 'deflate', 'zstd', 'lz4', 'blosc', 'crc32c', 'shuffle', 'packbits']) {
      const coder = await coderOf([{ id }], 0, 1)
      const encoded = await coder.encode(new Uint8Array(0))
      expect(await coder.decode(encoded, (decoded) => decoded.length), id).toBe(0)
    }
  })

  test('a chunk larger than the working memory is refused', async () => {
    const coder = await coderOf([{ id: 'lz4', framing: 'block' }], 2 ** 31)
    expect(() => coder.decode(new Uint8Array(10), () => undefined)).toThrow(expect.objectContaining({ code: 'ERR_TOO_LARGE' }))
  })
})

describe('options', () => {
  test.each<[CodecSpec, RegExp]>([
    [{ id: 'gzip', level: 10 }, /"level" is 10, expected an integer from -1 to 9/],
    [{ id: 'gzip', level: '5' }, /"level" is "5"/],
    [{ id: 'blosc', cname: 'lzo' }, /"cname" is "lzo", expected one of "blosclz"/],
    [{ id: 'blosc', shuffle: 3 }, /"shuffle" is 3/],
    [{ id: 'blosc', shuffle: 'bits' }, /"shuffle" is "bits"/],
    [{ id: 'blosc', clevel: 1.5 }, /"clevel" is 1.5/],
    [{ id: 'lz4', framing: 'frame' }, /"framing" is "frame"/],
    [{ id: 'bytes', endian: 'middle' }, /"endian" is "middle"/],
    [{ id: 'bytes', endian: 'big', itemSize: 3 }, /"itemSize" is 3/],
    [{ id: 'crc32', location: 'middle' }, /"location" is "middle"/],
    [{ id: 'delta' }, /"dtype" is undefined/],
    [{ id: 'delta', dtype: '<c8' }, /"dtype" is "<c8"/],
    [{ id: 'delta', dtype: 'int24' }, /"dtype" is "int24"/],
    [{ id: 'fixedscaleoffset', dtype: '<f4', scale: 0, offset: 0 }, /"scale" is 0/],
    [{ id: 'fixedscaleoffset', dtype: '<f4', scale: 'x', offset: 0 }, /"scale" is "x"/],
    [{ id: 'bitround', dtype: '<f4', keepbits: 24 }, /"keepbits" is 24/],
    [{ id: 'bitround', dtype: '<i4', keepbits: 3 }, /int32, expected a floating-point type/],
    [{ id: 'quantize', dtype: '<u2', digits: 1 }, /only floating-point types/],
    [{ id: 'transpose', shape: [2, 3], order: [0, 0] }, /"order" is \[0,0\]/],
    [{ id: 'transpose', shape: [2, -3], order: [1, 0] }, /"shape" is \[2,-3\]/],
    [{ id: 'lzma', format: 3 }, /needs "filters"/],
    [{ id: 'lzma', format: 3, filters: [{ dist: 1 }] }, /needs an "id"/],
    [{ id: 'zstd', checksum: 1 }, /"checksum" is 1/],
    [{ id: 'shuffle', elementsize: -1 }, /"elementsize" is -1/]
  ])('%j is refused', async (spec, message) => {
    const error = await coderOf([spec]).then(
      () => undefined,
      (reason: unknown) => reason
    )
    expect(error).toMatchObject({ code: 'ERR_INVALID_ARGUMENT', message: expect.stringMatching(message) })
    expect(error).toMatchObject({ message: expect.stringMatching(new RegExp(`^${spec.id}: `)) })
  })

  test('unknown codecs are named', async () => {
    await expect(coderOf([{ id: 'pcodec' }])).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED', message: expect.stringMatching(/"pcodec"/) })
    await expect(coderOf([{ id: 'constructor' }])).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
    // Two of them at once are one rejection, and none is left unhandled.
    await expect(coderOf([{ id: 'x.one' }, { id: 'x.two' }])).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
  })

  test('codecs that cannot encode say so', async () => {
    for (const id of ['bz2', 'lzma']) {
      expect(canEncode(id)).toBe(false)
      await expect(encodeBytes({ id }, chunk)).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED', message: expect.stringContaining(id) })
    }
  })
})

describe('whole streams', () => {
  test.each(['gzip', 'zlib', 'deflate', 'zstd', 'lz4', 'blosc', 'crc32c'])('%s without a known length', async (id) => {
    for (const bytes of [chunk, chunk.subarray(0, 5000), new Uint8Array(3_000_000), new Uint8Array(0)]) {
      const encoded = await encodeBytes({ id }, bytes)
      expect(Buffer.compare(await decodeBytes({ id }, encoded, { maxBytes: 2 ** 40 }), bytes)).toBe(0)
      expect(Buffer.compare(await decodeBytes({ id }, encoded, { maxBytes: bytes.length }), bytes)).toBe(0)
      expect(Buffer.compare(await decodeBytes({ id }, encoded, { maxBytes: 0, exactBytes: bytes.length }), bytes)).toBe(0)
      const tooLong = { code: 'ERR_CORRUPT_DATA', message: expect.stringContaining(id) }
      await expect(decodeBytes({ id }, encoded, { maxBytes: 0, exactBytes: bytes.length + 1 })).rejects.toMatchObject(tooLong)
      if (bytes.length > 0) await expect(decodeBytes({ id }, encoded, { maxBytes: bytes.length - 1 })).rejects.toMatchObject(tooLong)
    }
  })

  test('the kernel decodes streams of unknown length too', async () => {
    const { loadKernel } = await import('../src/kernel/kernel.js')
    const { ZlibKernel } = await import('../src/codecs/zlib-kernel.js')
    const { Payload } = await import('../src/payload.js')
    const zlib = new ZlibKernel(await loadKernel(), 'gzip')
    const zeros = new Uint8Array(3_000_000)
    const encoded = Payload.of(await encodeBytes({ id: 'gzip' }, zeros))
    expect(Buffer.compare(zlib.decode(encoded, { max: 2 ** 40, exact: false }).lasting(), zeros)).toBe(0)
    expect(() => zlib.decode(encoded, { max: 2_999_999, exact: false })).toThrow(/longer than the 2999999 bytes/)
  })

  test('limits must be numbers of bytes', async () => {
    await expect(decodeBytes({ id: 'gzip' }, chunk, { maxBytes: -1 })).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
    await expect(decodeBytes({ id: 'gzip' }, chunk, { maxBytes: Number.NaN })).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
  })
})

describe('the likely length', () => {
  test('is what room is made for, and no bound', async () => {
    // By the module bz2 of Python.
    const encoded = Buffer.from(
      'QlpoOTFBWSZTWe3TbEkAE4fRgAAQQAACZpugMADQCAAAJqqajTNTZCAABiqQZqQbqQf6kGakHVSDVSDNSDupB9qQbqQeVIPKkGqkG6kHFSDupBqpBuoQuakH6pBipBipBxUg1Ug9F3JFOFCQ7dNsSQ==',
      'base64'
    )
    const text = Buffer.from('every volume lies somewhere\n'.repeat(1000))
    for (const likelyBytes of [text.byteLength, 10, 1_000_000]) {
      const decoded = await decodeBytes({ id: 'bz2' }, encoded, { maxBytes: 2_000_000, likelyBytes })
      expect(Buffer.compare(decoded, text)).toBe(0)
      if (likelyBytes >= text.byteLength) expect(decoded.buffer.byteLength).toBe(likelyBytes)
    }
    // One block is the least.
    const beginning = await decodeBytes({ id: 'bz2', stopAfter: 5 }, encoded.subarray(0, -10), { maxBytes: 2_000_000 })
    expect(Buffer.compare(beginning, text)).toBe(0)
  })
})

describe('registry', () => {
  test('lists every codec, which can all be loaded', async () => {
    const ids = codecIds()
    expect(ids).toEqual([...ids].sort())
    expect(ids).toEqual(expect.arrayContaining(['adler32', 'astype', 'bitround', 'blosc', 'bytes', 'bz2', 'crc32', 'crc32c', 'deflate']))
    expect(ids).toEqual(expect.arrayContaining(['delta', 'fixedscaleoffset', 'fletcher32', 'gzip', 'lz4', 'lzma', 'packbits', 'quantize']))
    expect(ids).toEqual(expect.arrayContaining(['n5_block', 'shuffle', 'transpose', 'zlib', 'zstd']))
    const needed = {
      dtype: '<f4',
      keepbits: 3,
      scale: 1,
      offset: 0,
      digits: 1,
      encode_dtype: '<u2',
      decode_dtype: '<u2',
      shape: [2],
      order: [0],
      blockSize: [2]
    }
    for (const id of ids) {
      expect(hasCodec(id) && hasCodec(`numcodecs.${id}`)).toBe(true)
      // A codec for chunks of certain axes refuses these, by itself: its module was loaded.
      const refused = (error: unknown): void =>
        expect(error).toMatchObject({ code: 'ERR_INVALID_ARGUMENT', message: expect.stringContaining(id) })
      await createChain({ codecs: [{ id, ...needed }], expected: { max: 8, exact: true }, itemSize: 4, shape: [2] }).catch(refused)
    }
    expect(hasCodec('toString')).toBe(false)
  })

  test('codecs of others join under their own id', async () => {
    registerCodec('test.invert', async () => ({
      decode: async (encoded, spec) => encoded.map((byte) => byte ^ Number(spec.mask)),
      encode: (decoded, spec) => decoded.map((byte) => byte ^ Number(spec.mask)),
      maxEncodedBytes: (byteLength) => byteLength
    }))
    expect(hasCodec('test.invert')).toBe(true)
    expect(() => registerCodec('test.invert', async () => ({ decode: (encoded) => encoded }))).toThrow(/registered already/)
    expect(() => registerCodec('gzip', async () => ({ decode: (encoded) => encoded }))).toThrow(/registered already/)
    const coder = await coderOf([{ id: 'lz4' }, { id: 'test.invert', mask: 85 }, { id: 'crc32c' }])
    const encoded = await coder.encode(chunk)
    expect(Buffer.compare(await coder.decode(encoded, (decoded) => decoded.slice()), chunk)).toBe(0)
  })

  test('are described before they are loaded', () => {
    expect(describeCodec('numcodecs.delta')).toEqual({ kind: 'array-to-array', encodes: true, builtIn: true })
    expect(describeCodec('bytes')?.kind).toBe('array-to-bytes')
    expect(describeCodec('bz2')).toEqual({ kind: 'bytes-to-bytes', encodes: false, builtIn: true })
    registerCodec('test.filter', async () => ({ decode: (encoded) => encoded }), { kind: 'array-to-array', encodes: false })
    expect(describeCodec('test.filter')).toEqual({ kind: 'array-to-array', encodes: false, builtIn: false })
    expect(describeCodec('test.nothing')).toBeUndefined()
  })

  test('that are none are refused', async () => {
    const register: (...values: unknown[]) => void = registerCodec as never
    const load = async (): Promise<object> => ({ decode: (encoded: Uint8Array) => encoded })
    for (const values of [
      [],
      ['', load],
      [5, load],
      ['test.bad'],
      ['test.bad', {}],
      ['test.bad', load, { kind: 'array' }],
      ['test.bad', load, { encodes: 1 }]
    ])
      expect(() => register(...values)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }))
    expect(hasCodec('test.bad')).toBe(false)
    for (const [at, codec] of [undefined, {}, { decode: 5 }, { decode: () => chunk }].entries()) {
      register(`test.bad-${at}`, async () => codec)
      await expect(coderOf([{ id: `test.bad-${at}` }])).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
    }
  })

  test('what they return is checked', async () => {
    registerCodec('test.short', async () => ({ decode: (encoded) => encoded.subarray(1) }), { encodes: false })
    expect(canEncode('test.short')).toBe(false)
    const coder = await coderOf([{ id: 'test.short' }])
    expect(() => coder.decode(chunk, () => undefined)).toThrow(/test.short: 299999 bytes, expected 300000/)
    expect(() => coder.encode(chunk)).toThrow(/encoding is not implemented/)
  })
})
