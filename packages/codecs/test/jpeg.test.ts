import { expect, test } from 'vitest'
import '../src/image.js'
import { codecRuntime, decodeBytes, encodeBytes, parseJpegHeader } from '../src/index.js'
import vectors from './fixtures/jpeg-vectors.json' with { type: 'json' }
import written from './fixtures/jpeg-written.json' with { type: 'json' }
import { SeededRandom } from './kernels.js'
import { differenceAt } from './vectors.js'

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
const vectorNamed = (name: string): { encoded: Uint8Array; decoded: Uint8Array; shape: number[] } => {
  const vector = vectors.find((each) => each.name === name)
  if (vector === undefined) throw new Error(`no vector ${name}`)
  return { encoded: bytesOf(vector.encoded), decoded: bytesOf(vector.decoded), shape: vector.shape }
}
const exactly = (length: number): { maxBytes: number; exactBytes: number } => ({ maxBytes: length, exactBytes: length })

test.each(vectors)('$name: equal to libjpeg-turbo to the bit', async ({ encoded, decoded, shape, bits }) => {
  const bytes = bytesOf(encoded)
  const expected = bytesOf(decoded)
  const [height, width, channels = 1] = shape
  expect(parseJpegHeader(bytes)).toEqual({ width, height, channels, bitsPerSample: bits })
  expect(differenceAt(await decodeBytes({ id: 'jpeg' }, bytes, exactly(expected.length)), expected)).toBe(-1)
})

/** Cuts a stream into one of its tables and one of the rest, as TIFF stores them. */
function splitTables(stream: Uint8Array): { tables: Uint8Array; rest: Uint8Array } {
  const tables = [0xff, 0xd8]
  const rest = [0xff, 0xd8]
  let at = 2
  while (stream[at + 1] !== 0xda) {
    const end = at + 2 + ((stream[at + 2]! << 8) | stream[at + 3]!)
    const isTable = stream[at + 1] === 0xdb || stream[at + 1] === 0xc4
    for (const byte of stream.subarray(at, end)) (isTable ? tables : rest).push(byte)
    at = end
  }
  for (const byte of stream.subarray(at)) rest.push(byte)
  return { tables: Uint8Array.from([...tables, 0xff, 0xd9]), rest: Uint8Array.from(rest) }
}

test('tables may come apart from the stream', async () => {
  const { encoded, decoded } = vectorNamed('ycbcr 4:2:0')
  const { tables, rest } = splitTables(encoded)
  const limits = exactly(decoded.length)
  const spec = { id: 'jpeg', tables: btoa(String.fromCharCode(...tables)) }
  expect(differenceAt(await decodeBytes(spec, rest, limits), decoded)).toBe(-1)
  await expect(decodeBytes({ id: 'jpeg' }, rest, limits)).rejects.toMatchObject({ code: 'ERR_CORRUPT_DATA' })
  await expect(decodeBytes({ id: 'jpeg', tables: '?' }, rest, limits)).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
})

test.each(written)('$name: written equal to libjpeg-turbo to the bit', async ({ width, height, channels, quality, samples, encoded }) => {
  const pixels = bytesOf(samples)
  const bytes = await encodeBytes({ id: 'jpeg', quality, channels, width, height }, pixels)
  expect(differenceAt(bytes, bytesOf(encoded))).toBe(-1)
  expect((await decodeBytes({ id: 'jpeg' }, bytes, exactly(pixels.length))).length).toBe(pixels.length)
})

test('what is written has the width of the chunk, and what JPEG can say for a height', async () => {
  const sizeOf = async (shape: readonly number[], options: Readonly<Record<string, number>> = {}) => {
    const byteLength = shape.reduce((product, length) => product * length, 1)
    const coder = await codecRuntime.coder({ codecs: [{ id: 'jpeg', ...options }], byteLength, itemSize: 1, shape })
    const { width, height, channels } = parseJpegHeader(await coder.encode(new Uint8Array(byteLength).fill(77)))
    return [width, height, channels]
  }
  expect(await sizeOf([4, 5, 6])).toEqual([6, 20, 1])
  expect(await sizeOf([4, 5, 6, 3], { channels: 3 })).toEqual([6, 20, 3])
  expect(await sizeOf([260, 256, 4])).toEqual([1024, 260, 1])
  await expect(sizeOf([70000, 1])).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
  await expect(sizeOf([2, 2], { channels: 2 })).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
  await expect(sizeOf([2, 2], { quality: 0 })).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
})

test('a larger image is cropped to the pixels of the chunk, a smaller one refused', async () => {
  const { encoded, decoded } = vectorNamed('ycbcr 4:4:4')
  const cropped = await decodeBytes({ id: 'jpeg', width: 30, height: 16 }, encoded, exactly(30 * 16 * 3))
  for (let y = 0; y < 16; y++) {
    expect(differenceAt(cropped.subarray(y * 90, y * 90 + 90), decoded.subarray(y * 99, y * 99 + 90))).toBe(-1)
  }
  await expect(decodeBytes({ id: 'jpeg', width: 34, height: 16 }, encoded, exactly(34 * 16 * 3))).rejects.toMatchObject({
    code: 'ERR_CORRUPT_DATA'
  })
})

test('what is told of the colors goes before the markers of the stream', async () => {
  const { encoded, decoded } = vectorNamed('ycbcr 4:4:4')
  const limits = exactly(decoded.length)
  const plain = await decodeBytes({ id: 'jpeg', colors: 'plain' }, encoded, limits)
  expect(differenceAt(plain, decoded)).not.toBe(-1)
  expect(differenceAt(await decodeBytes({ id: 'jpeg', colors: 'ycbcr' }, encoded, limits), decoded)).toBe(-1)
})

test('frames that are larger than the chunk are refused before memory is taken', async () => {
  const encoded = vectorNamed('gray').encoded.slice()
  const frame = encoded.findIndex((byte, index) => byte === 0xff && encoded[index + 1] === 0xc0)
  encoded.set([0xff, 0xff, 0xff, 0xff], frame + 5)
  await expect(decodeBytes({ id: 'jpeg' }, encoded, { maxBytes: 2 ** 20 })).rejects.toMatchObject({ code: 'ERR_CORRUPT_DATA' })
  await expect(decodeBytes({ id: 'jpeg' }, encoded, { maxBytes: 2 ** 33 })).rejects.toThrow(/cannot hold 65535 x 65535/)
})

test('other frames and writing are named as what is not implemented', async () => {
  const { encoded, decoded } = vectorNamed('gray')
  const frame = encoded.findIndex((byte, index) => byte === 0xff && encoded[index + 1] === 0xc0)
  for (const [marker, name] of [
    [0xc3, /lossless/],
    [0xc9, /arithmetic/]
  ] as const) {
    const other = encoded.slice()
    other[frame + 1] = marker
    const failing = decodeBytes({ id: 'jpeg' }, other, exactly(decoded.length))
    await expect(failing).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
    await expect(failing).rejects.toThrow(name)
  }
  const coder = await codecRuntime.coder({ codecs: [{ id: 'jpeg' }], byteLength: 4, itemSize: 2 })
  expect(() => coder.encode(new Uint8Array(4))).toThrow(/8 bits/)
})

test.each(['gray', 'ycbcr 4:2:0, progressive', 'ycbcr 4:2:0, restart markers', '12 bits'])(
  '%s: cut or damaged, it is refused or gives the right length',
  async (name) => {
    const { encoded, decoded } = vectorNamed(name)
    const limits = exactly(decoded.length)
    const random = new SeededRandom(7)
    const outcomeOf = (bytes: Uint8Array): Promise<unknown> =>
      decodeBytes({ id: 'jpeg' }, bytes, limits).then(
        (result) => result.byteLength,
        (error) => error.code
      )
    for (let cut = 0; cut < encoded.length - 20; cut += 7) {
      expect(await outcomeOf(encoded.subarray(0, cut)), `cut at ${cut}`).toBe('ERR_CORRUPT_DATA')
    }
    for (let round = 0; round < 400; round++) {
      const damaged = encoded.slice()
      for (const byte of random.bytes(3)) damaged[Math.floor((byte / 256) * damaged.length)] = random.bytes(1)[0]!
      expect([decoded.length, 'ERR_CORRUPT_DATA', 'ERR_UNSUPPORTED'], `round ${round}`).toContain(await outcomeOf(damaged))
    }
  }
)
