import { corrupt } from '../codec-errors.js'
import { ZlibKernel } from '../codecs/zlib-kernel.js'
import type { Kernel } from '../kernel/kernel.js'
import { Payload } from '../payload.js'
import { unfilter } from './png-filters.js'
import { type PngHeader, type PngStructure, parsePngStructure, pngChunks } from './png-header.js'

/** A decoded PNG image. */
export interface PngImage extends PngHeader {
  /** Interleaved samples, rows from the top. Two bytes each, in the machine's order, where they have 16 bits. */
  readonly samples: Uint8Array | Uint16Array
}

/** The part of the pixels that one pass of an interlaced image holds. */
interface Pass {
  readonly x: number
  readonly y: number
  readonly stepX: number
  readonly stepY: number
}

const wholeImage: readonly Pass[] = [{ x: 0, y: 0, stepX: 1, stepY: 1 }]
/** Adam7 (PNG, 8.2). */
const adam7: readonly Pass[] = [
  { x: 0, y: 0, stepX: 8, stepY: 8 },
  { x: 4, y: 0, stepX: 8, stepY: 8 },
  { x: 0, y: 4, stepX: 4, stepY: 8 },
  { x: 2, y: 0, stepX: 4, stepY: 4 },
  { x: 0, y: 2, stepX: 2, stepY: 4 },
  { x: 1, y: 0, stepX: 2, stepY: 2 },
  { x: 0, y: 1, stepX: 1, stepY: 2 }
]

const storedChannels: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

/**
 * Decodes a PNG image. Of an animated one, the image that programs show which know no animation. Palettes are resolved; samples of 2 and
 * 4 bits are scaled to 8; gamma, color profiles and a transparent color of gray and RGB images change nothing.
 *
 * @param checkHeader Looks at the size before anything is allocated for it, and throws if it does not fit.
 * @throws ERR_CORRUPT_DATA
 */
export function decodePng(kernel: Kernel, bytes: Uint8Array, checkHeader: (header: PngHeader) => void): PngImage {
  const structure = parsePngStructure(bytes)
  if (structure === undefined) throw corrupt('png', 'the file ends before its pixels')
  checkHeader(structure)
  const passes = structure.interlaced ? adam7 : wholeImage
  const rows = inflateRows(
    kernel,
    bytes,
    passes.reduce((sum, pass) => sum + passBytes(structure, pass), 0)
  )
  const size = structure.width * structure.height * structure.channels
  const samples = structure.bitsPerSample === 16 ? new Uint16Array(size) : new Uint8Array(size)
  let offset = 0
  for (const pass of passes) {
    readPass(structure, pass, rows.subarray(offset), samples)
    offset += passBytes(structure, pass)
  }
  const { width, height, channels, bitsPerSample } = structure
  return { width, height, channels, bitsPerSample, samples }
}

/** The filtered rows of all passes, of just as many bytes as the header says. */
function inflateRows(kernel: Kernel, bytes: Uint8Array, length: number): Uint8Array {
  const { scratch, functions } = kernel
  const mark = scratch.mark()
  try {
    const tables = kernel.crcTables(0xedb88320)
    const place = scratch.place(bytes)
    const parts: Uint8Array[] = []
    let isComplete = false
    for (const { type, data, start, checksum } of pngChunks(bytes)) {
      if (functions.crc(place + start, data.byteLength + 4, tables, 0) >>> 0 !== checksum)
        throw corrupt('png', `the checksum of ${type} does not match`)
      if (type === 'IDAT') parts.push(data)
      isComplete ||= type === 'IEND'
    }
    if (!isComplete) throw corrupt('png', 'the file ends early')
    const [first] = parts
    const encoded = first !== undefined && parts.length === 1 ? first : concatenated(parts)
    // Deflate makes at most 1032 bytes of one (RFC 1951: 258 bytes by a 2-bit code).
    if (length > encoded.byteLength * 1032) throw corrupt('png', `${encoded.byteLength} bytes cannot hold the pixels of the image`)
    const decoded = new ZlibKernel(kernel, 'zlib').decode(Payload.of(encoded), { max: length, exact: true })
    if (decoded.byteLength !== length) throw corrupt('png', `the pixels take ${length} bytes, found ${decoded.byteLength}`)
    return new Uint8Array(decoded.view())
  } finally {
    scratch.release(mark)
  }
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.byteLength, 0))
  let position = 0
  for (const part of parts) {
    whole.set(part, position)
    position += part.byteLength
  }
  return whole
}

function passWidth({ width }: PngStructure, { x, stepX }: Pass): number {
  return Math.max(0, Math.ceil((width - x) / stepX))
}

function passHeight({ height }: PngStructure, { y, stepY }: Pass): number {
  return Math.max(0, Math.ceil((height - y) / stepY))
}

function rowBytesOf(structure: PngStructure, width: number): number {
  return Math.ceil((width * (storedChannels[structure.colorType] ?? 1) * structure.bitDepth) / 8)
}

/** Every row has a byte before it that names its filter; a pass without pixels has no rows. */
function passBytes(structure: PngStructure, pass: Pass): number {
  const width = passWidth(structure, pass)
  return width === 0 ? 0 : (rowBytesOf(structure, width) + 1) * passHeight(structure, pass)
}

function readPass(structure: PngStructure, pass: Pass, bytes: Uint8Array, samples: Uint8Array | Uint16Array): void {
  const { width, channels, bitDepth, colorType } = structure
  const columns = passWidth(structure, pass)
  if (columns === 0) return
  const rowBytes = rowBytesOf(structure, columns)
  const pixelBytes = Math.max(1, ((storedChannels[colorType] ?? 1) * bitDepth) >> 3)
  const height = passHeight(structure, pass)
  let before: Uint8Array | undefined
  for (let row = 0; row < height; row++) {
    const start = row * (rowBytes + 1)
    const line = bytes.subarray(start + 1, start + 1 + rowBytes)
    unfilter(bytes[start] ?? 0, line, before, pixelBytes)
    before = line
    const target = ((pass.y + row * pass.stepY) * width + pass.x) * channels
    if (colorType === 3) putPalette(structure, line, columns, samples, target, pass.stepX * channels)
    else if (bitDepth < 8) putBits(line, bitDepth, columns, samples, target, pass.stepX)
    else putSamples(line, bitDepth, columns, channels, samples, target, pass.stepX * channels)
  }
}

function putSamples(
  line: Uint8Array,
  bitDepth: number,
  columns: number,
  channels: number,
  samples: Uint8Array | Uint16Array,
  target: number,
  step: number
): void {
  if (bitDepth === 8 && step === channels) {
    samples.set(line, target)
    return
  }
  let read = 0
  for (let column = 0; column < columns; column++) {
    for (let channel = 0; channel < channels; channel++) {
      const high = line[read++] ?? 0
      samples[target + column * step + channel] = bitDepth === 8 ? high : (high << 8) | (line[read++] ?? 0)
    }
  }
}

/** Number `at` of the samples that are packed into a row, the first in the highest bits. */
function packedSample(line: Uint8Array, bitDepth: number, at: number): number {
  const bit = at * bitDepth
  return ((line[bit >> 3] ?? 0) >> (8 - bitDepth - (bit & 7))) & ((1 << bitDepth) - 1)
}

/** Gray of 2 and 4 bits becomes that of 8, by the same share of white; single bits stay. */
function putBits(
  line: Uint8Array,
  bitDepth: number,
  columns: number,
  samples: Uint8Array | Uint16Array,
  target: number,
  step: number
): void {
  const factor = bitDepth === 1 ? 1 : 255 / ((1 << bitDepth) - 1)
  for (let column = 0; column < columns; column++) samples[target + column * step] = packedSample(line, bitDepth, column) * factor
}

function putPalette(
  { palette, paletteAlpha, channels, bitDepth }: PngStructure,
  line: Uint8Array,
  columns: number,
  samples: Uint8Array | Uint16Array,
  target: number,
  step: number
): void {
  for (let column = 0; column < columns; column++) {
    const index = packedSample(line, bitDepth, column)
    if (3 * index >= palette.byteLength) throw corrupt('png', `a pixel has color ${index}, the palette ${palette.byteLength / 3} colors`)
    const place = target + column * step
    for (let channel = 0; channel < 3; channel++) samples[place + channel] = palette[3 * index + channel] ?? 0
    if (channels === 4) samples[place + 3] = paletteAlpha[index] ?? 255
  }
}
