import { readFileSync } from 'node:fs'
import { crc32, deflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import '../src/image.js'
import { codecRuntime, decodeBytes, encodeBytes, parsePngHeader } from '../src/index.js'

/** Made by fixtures/make-png-images.py: images by pypng, checked with Pillow and libpng. */
interface Image {
  readonly kind: string
  readonly interlaced: boolean
  /** Rows, columns, and channels where there are several. */
  readonly shape: readonly number[]
  readonly dtype: string
  readonly png: string
  readonly values: string
}

const images: readonly Image[] = JSON.parse(readFileSync(new URL('fixtures/png-images.json', import.meta.url), 'utf8'))
const bytesOf = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'))
const every = images.find(({ kind }) => kind === 'every filter')
if (every === undefined) throw new Error('the image of every filter is missing')
const good = bytesOf(every.png)
const limits = { maxBytes: 20 * 25 * 3, exactBytes: 20 * 25 * 3 }
const bitsOf: Readonly<Record<string, number>> = { bool: 1, uint8: 8, uint16: 16 }

describe.each(
  images.map((image) => [`${image.kind}, ${image.shape.join(' x ')}${image.interlaced ? ', interlaced' : ''}`, image] as const)
)('%s', (_, { shape, dtype, png, values }) => {
  test('gives the samples', async () => {
    const expected = bytesOf(values)
    expect(await decodeBytes({ id: 'png' }, bytesOf(png), { maxBytes: expected.byteLength, exactBytes: expected.byteLength })).toEqual(
      expected
    )
  })
  test('has its header, told from the first bytes', () => {
    const [height, width, channels = 1] = shape
    const header = { width, height, channels, bitsPerSample: bitsOf[dtype] }
    expect(parsePngHeader(bytesOf(png))).toEqual(header)
    const pixels = Buffer.from(png, 'base64').indexOf('IDAT')
    expect(parsePngHeader(bytesOf(png).subarray(0, pixels + 4))).toEqual(header)
    expect(parsePngHeader(bytesOf(png).subarray(0, pixels - 5))).toBeUndefined()
  })
})

function chunk(type: string, data: Uint8Array): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(data.byteLength)
  head.write(type, 4, 'latin1')
  const tail = Buffer.alloc(4)
  tail.writeUInt32BE(crc32(Buffer.concat([head.subarray(4), data])))
  return Buffer.concat([head, data, tail])
}

/** An image with a header of one's choice. */
function made(header: readonly number[], pixels: Uint8Array, ...others: readonly Buffer[]): Uint8Array {
  const start = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
  const parts = [chunk('IHDR', Uint8Array.from(header)), ...others, chunk('IDAT', deflateSync(pixels)), chunk('IEND', new Uint8Array(0))]
  return new Uint8Array(Buffer.concat([start, ...parts]))
}

const size = [0, 0, 0, 2, 0, 0, 0, 2]
const twoRows = Uint8Array.of(0, 1, 2, 0, 3, 4)

describe('what is wrong is an error', () => {
  test('an image made for these tests is right', async () => {
    expect(await decodeBytes({ id: 'png' }, made([...size, 8, 0, 0, 0, 0], twoRows), { maxBytes: 4, exactBytes: 4 })).toEqual(
      Uint8Array.of(1, 2, 3, 4)
    )
  })
  test.each([
    ['nothing', new Uint8Array(0)],
    ['another signature', good.with(1, 0)],
    ['a cut file', good.subarray(0, -20)],
    ['a file without its end', good.subarray(0, -12)],
    ['another checksum', good.with(good.byteLength - 20, (good.at(-20) ?? 0) ^ 1)],
    ['a filter that does not exist', made([...size, 8, 0, 0, 0, 0], Uint8Array.of(5, 1, 2, 0, 3, 4))],
    ['too few rows', made([...size, 8, 0, 0, 0, 0], twoRows.subarray(3))],
    ['too many rows', made([...size, 8, 0, 0, 0, 0], Uint8Array.of(...twoRows, 0, 5, 6))],
    ['more bits than there are', made([...size, 32, 0, 0, 0, 0], twoRows)],
    ['no width', made([0, 0, 0, 0, 0, 0, 0, 2, 8, 0, 0, 0, 0], twoRows)],
    ['a palette that is missing', made([...size, 8, 3, 0, 0, 0], twoRows)],
    ['a color beyond the palette', made([...size, 8, 3, 0, 0, 0], twoRows, chunk('PLTE', new Uint8Array(9)))]
  ])('%s', async (_, bytes) => {
    await expect(decodeBytes({ id: 'png' }, bytes, { maxBytes: 2000 })).rejects.toMatchObject({ code: 'ERR_CORRUPT_DATA' })
  })
  test('another size than the chunk has', async () => {
    await expect(decodeBytes({ id: 'png' }, good, { maxBytes: 1499, exactBytes: 1499 })).rejects.toThrow(
      /20 x 25 pixels of 3 x 8 bits, expected 1499/
    )
    await expect(decodeBytes({ id: 'png', width: 25, height: 20 }, good, limits)).rejects.toThrow(/expected the width 25/)
    await expect(decodeBytes({ id: 'png', channels: 1 }, good, limits)).rejects.toThrow(/expected the channels 1/)
  })
  test('a size that its bytes cannot hold, before memory is taken', async () => {
    const bomb = made([0x7f, 0, 0, 0, 0, 0, 0, 1, 8, 0, 0, 0, 0], twoRows)
    await expect(decodeBytes({ id: 'png' }, bomb, { maxBytes: 2 ** 32 })).rejects.toThrow(/cannot hold/)
  })
  test('pixels that inflate to more than the header says', async () => {
    const bomb = made([...size, 8, 0, 0, 0, 0], new Uint8Array(50 << 20))
    await expect(decodeBytes({ id: 'png' }, bomb, { maxBytes: 4, exactBytes: 4 })).rejects.toMatchObject({ code: 'ERR_CORRUPT_DATA' })
  })
})

describe('encoding', () => {
  const noise = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => (at * at * 31 + (at >> 4)) & 255)
  test.each([
    [1, 1, [8, 10]],
    [1, 2, [8, 10]],
    [3, 1, [4, 6, 3]],
    [4, 2, [5, 7, 4]],
    [2, 1, [9, 2]]
  ] as const)('%i channels of %i bytes come back', async (channels, itemSize, shape) => {
    const bytes = noise(shape.reduce<number>((product, length) => product * length, itemSize))
    const coder = await codecRuntime.coder({ codecs: [{ id: 'png', channels }], byteLength: bytes.byteLength, itemSize, shape })
    const encoded = await coder.encode(bytes)
    const axes = channels === 1 ? shape : shape.slice(0, -1)
    const width = axes.at(-1) ?? 1
    const height = axes.slice(0, -1).reduce<number>((product, length) => product * length, 1)
    expect(parsePngHeader(encoded)).toEqual({ width, height, channels, bitsPerSample: 8 * itemSize })
    expect(await coder.decode(encoded, (decoded) => decoded.slice())).toEqual(bytes)
  })
  test('refuses what is no image', async () => {
    await expect(encodeBytes({ id: 'png', width: 7 }, noise(24))).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
    const coder = await codecRuntime.coder({ codecs: [{ id: 'png' }], byteLength: 24, itemSize: 4 })
    await expect(async () => coder.encode(noise(24))).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
  })
})
