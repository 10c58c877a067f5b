import { BitWriter } from './bit-writer.js'
import { forwardDct } from './forward-dct.js'
import { acCodes, dcCodes, type HuffmanCodes, quantizationOf } from './standard-tables.js'
import { zigzag } from './zigzag.js'

/** Pixels to encode: interleaved samples of 8 bits, gray or RGB, rows from the top. */
export interface JpegPixels {
  readonly width: number
  readonly height: number
  readonly channels: 1 | 3
  readonly samples: Uint8Array
}

/** What a stream can say of a side. */
export const maximalJpegSide = 65535

/**
 * Encodes a baseline JPEG stream (ITU-T T.81) in a JFIF file, with the tables of the standard. RGB becomes YCbCr, with all of its
 * chrominance: 4:4:4.
 *
 * @param quality 1 to 100.
 */
export function encodeJpeg({ width, height, channels, samples }: JpegPixels, quality: number): Uint8Array<ArrayBuffer> {
  const tables = channels === 1 ? ([0] as const) : ([0, 1] as const)
  const quantization = tables.map((which) => quantizationOf(quality, which))
  const components = Array.from({ length: channels }, (_, index) => {
    const which = index === 0 ? 0 : 1
    return {
      divisors: Int32Array.from(quantizationOf(quality, which), (step) => step << 3),
      dc: codesOf(dcCodes[which]),
      ac: codesOf(acCodes[which]),
      block: new Int32Array(64),
      last: 0
    }
  })
  const writer = new BitWriter((samples.byteLength >> 2) + 1024)
  const blocks = components.map(({ block }) => block)
  const load = channels === 1 ? loadGray : loadRgb
  for (let y = 0; y < height; y += 8) {
    for (let x = 0; x < width; x += 8) {
      load(samples, width, height, x, y, blocks)
      for (const component of components) {
        const { block, divisors, dc, ac } = component
        forwardDct(block)
        quantize(block, divisors)
        encodeBlock(writer, block, component.last, dc, ac)
        component.last = block[0]!
      }
    }
  }
  const data = writer.finish()
  const head = [
    segment(0xe0, [0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0]),
    ...quantization.map((table, which) => segment(0xdb, [which, ...Array.from(zigzag, (place) => table[place]!)])),
    segment(0xc0, [8, ...word(height), ...word(width), channels, ...components.flatMap((_, at) => [at + 1, 0x11, at === 0 ? 0 : 1])]),
    ...tables.flatMap((which) => [
      segment(0xc4, [which, ...dcCodes[which].counts, ...dcCodes[which].symbols]),
      segment(0xc4, [0x10 | which, ...acCodes[which].counts, ...acCodes[which].symbols])
    ]),
    segment(0xda, [channels, ...components.flatMap((_, at) => [at + 1, at === 0 ? 0 : 0x11]), 0, 63, 0])
  ].flat()
  const stream = new Uint8Array(2 + head.length + data.byteLength + 2)
  stream.set([0xff, 0xd8, ...head])
  stream.set(data, 2 + head.length)
  stream.set([0xff, 0xd9], stream.byteLength - 2)
  return stream
}

type LoadBlocks = (samples: Uint8Array, width: number, height: number, x: number, y: number, blocks: readonly Int32Array[]) => void

/** What lies outside of the image is as its last row and column. */
const loadGray: LoadBlocks = (samples, width, height, x, y, [block]) => {
  if (block === undefined) return
  for (let row = 0; row < 8; row++) {
    const line = Math.min(y + row, height - 1) * width
    for (let column = 0; column < 8; column++) block[8 * row + column] = samples[line + Math.min(x + column, width - 1)]! - 128
  }
}

const half = 1 << 15

/** Y, Cb and Cr of ITU-R BT.601 with 16 bits of fraction, rounded as libjpeg does; all minus 128. */
const loadRgb: LoadBlocks = (samples, width, height, x, y, [luma, blue, red]) => {
  if (luma === undefined || blue === undefined || red === undefined) return
  for (let row = 0; row < 8; row++) {
    const line = Math.min(y + row, height - 1) * width
    for (let column = 0; column < 8; column++) {
      const from = 3 * (line + Math.min(x + column, width - 1))
      const r = samples[from]!
      const g = samples[from + 1]!
      const b = samples[from + 2]!
      const to = 8 * row + column
      luma[to] = ((19595 * r + 38470 * g + 7471 * b + half) >> 16) - 128
      blue[to] = (-11059 * r - 21709 * g + 32768 * b + half - 1) >> 16
      red[to] = (32768 * r - 27439 * g - 5329 * b + half - 1) >> 16
    }
  }
}

/** Divides and rounds, halves away from 0. */
function quantize(block: Int32Array, divisors: Int32Array): void {
  for (let at = 0; at < 64; at++) {
    const value = block[at]!
    const divisor = divisors[at]!
    block[at] = value < 0 ? -((((divisor >> 1) - value) / divisor) | 0) : ((value + (divisor >> 1)) / divisor) | 0
  }
}

/** Codes of symbols: code << 8 | length. */
function codesOf({ counts, symbols }: HuffmanCodes): Int32Array {
  const codes = new Int32Array(256)
  let code = 0
  let index = 0
  for (const [at, count] of counts.entries()) {
    for (let each = 0; each < count; each++) codes[symbols[index++]!] = (code++ << 8) | (at + 1)
    code <<= 1
  }
  return codes
}

/** Writes a block of quantized coefficients (F.1.2). */
function encodeBlock(writer: BitWriter, block: Int32Array, last: number, dc: Int32Array, ac: Int32Array): void {
  writeValue(writer, dc, 0, block[0]! - last)
  let zeros = 0
  for (let at = 1; at < 64; at++) {
    const value = block[zigzag[at]!]!
    if (value === 0) {
      zeros++
      continue
    }
    for (; zeros > 15; zeros -= 16) writeCode(writer, ac[0xf0]!)
    writeValue(writer, ac, zeros << 4, value)
    zeros = 0
  }
  if (zeros > 0) writeCode(writer, ac[0]!)
}

/** The code of zeros before and bits of the value, then the bits: of negative ones minus 1. */
function writeValue(writer: BitWriter, codes: Int32Array, zeros: number, value: number): void {
  const length = 32 - Math.clz32(value < 0 ? -value : value)
  writeCode(writer, codes[zeros | length]!)
  if (length > 0) writer.write((value < 0 ? value - 1 : value) & ((1 << length) - 1), length)
}

function writeCode(writer: BitWriter, code: number): void {
  writer.write(code >> 8, code & 0xff)
}

function segment(marker: number, content: readonly number[]): readonly number[] {
  return [0xff, marker, ...word(content.length + 2), ...content]
}

function word(value: number): readonly [number, number] {
  return [value >> 8, value & 0xff]
}
