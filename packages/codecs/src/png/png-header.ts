import { corrupt, unsupported } from '../codec-errors.js'

/** What is known of a PNG image without decoding it. */
export interface PngHeader {
  readonly width: number
  readonly height: number
  /** Samples per pixel of the decoded image: 1 gray, 2 gray and alpha, 3 RGB, 4 RGBA. A palette is resolved. */
  readonly channels: number
  /** Bits of a decoded sample: 1 (gray only, given as bytes of 0 and 1), 8, or 16. */
  readonly bitsPerSample: number
}

/** The fields of IHDR, and the palette. */
export interface PngStructure extends PngHeader {
  /** Bits of a sample, or of a palette index, as stored. */
  readonly bitDepth: number
  /** 0 gray, 2 RGB, 3 palette, 4 gray and alpha, 6 RGBA. */
  readonly colorType: number
  readonly interlaced: boolean
  /** Three bytes an entry. */
  readonly palette: Uint8Array
  /** Alpha of the first entries of the palette. */
  readonly paletteAlpha: Uint8Array
}

/** One chunk of the file. */
export interface PngChunk {
  readonly type: string
  readonly data: Uint8Array
  /** Where its type begins, from which its checksum counts. */
  readonly start: number
  readonly checksum: number
}

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
const storedChannels: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }
const bitDepths: Readonly<Record<number, readonly number[]>> = { 0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16] }
const nothing = new Uint8Array(0)

/**
 * Reads what stands before the pixels of a PNG file. Its first bytes are enough, as long as they reach the pixels.
 *
 * @returns `undefined` if the bytes end before that.
 * @throws ERR_CORRUPT_DATA for anything else than PNG.
 */
export function parsePngHeader(bytes: Uint8Array): PngHeader | undefined {
  const structure = parsePngStructure(bytes)
  if (structure === undefined) return undefined
  const { width, height, channels, bitsPerSample } = structure
  return { width, height, channels, bitsPerSample }
}

/** The same, with all that decoding needs. */
export function parsePngStructure(bytes: Uint8Array): PngStructure | undefined {
  let header: Uint8Array | undefined
  let palette: Uint8Array = nothing
  let paletteAlpha: Uint8Array = nothing
  for (const { type, data } of pngChunks(bytes)) {
    if (header === undefined) {
      if (type !== 'IHDR' || data.byteLength !== 13) throw corrupt('png', `the file begins with ${type}, expected an IHDR of 13 bytes`)
      header = data
    } else if (type === 'PLTE') {
      if (data.byteLength === 0 || data.byteLength % 3 !== 0 || data.byteLength > 768)
        throw corrupt('png', `PLTE has ${data.byteLength} bytes`)
      palette = data
    } else if (type === 'tRNS') {
      paletteAlpha = data
    } else if (type === 'IDAT' || type === 'IEND') {
      return structureOf(header, palette, paletteAlpha)
    }
  }
  return undefined
}

/** The chunks, as far as the bytes reach. */
export function* pngChunks(bytes: Uint8Array): Generator<PngChunk> {
  if (signature.some((byte, at) => at < bytes.byteLength && bytes[at] !== byte)) throw corrupt('png', 'no PNG signature')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = signature.length; at + 8 <= bytes.byteLength; ) {
    const length = view.getUint32(at)
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    if (!/^[A-Za-z]{4}$/.test(type) || length > 2 ** 31 - 1) throw corrupt('png', `there is no chunk at byte ${at}`)
    const end = at + 8 + length
    // The pixels need not be there: their place ends the header.
    if (end + 4 > bytes.byteLength && type !== 'IDAT') return
    const isWhole = end + 4 <= bytes.byteLength
    yield { type, data: bytes.subarray(at + 8, end), start: at + 4, checksum: isWhole ? view.getUint32(end) : -1 }
    if (type === 'IEND' || !isWhole) return
    at = end + 4
  }
}

function structureOf(header: Uint8Array, palette: Uint8Array, alpha: Uint8Array): PngStructure {
  const view = new DataView(header.buffer, header.byteOffset, 13)
  const [width, height] = [view.getUint32(0), view.getUint32(4)]
  const [bitDepth = 0, colorType = 0, compression, filter, interlace] = header.subarray(8)
  const channels = storedChannels[colorType]
  if (width === 0 || height === 0 || width >= 2 ** 31 || height >= 2 ** 31)
    throw corrupt('png', `the image has ${width} x ${height} pixels`)
  if (channels === undefined || bitDepths[colorType]?.includes(bitDepth) !== true) {
    throw corrupt('png', `color type ${colorType} with ${bitDepth} bits does not exist`)
  }
  if (compression !== 0 || filter !== 0 || (interlace !== 0 && interlace !== 1)) {
    throw unsupported(
      'png',
      `compression ${compression}, filter ${filter}, interlace ${interlace} are not known; expected 0, 0, and 0 or 1`
    )
  }
  const isPalette = colorType === 3
  if (isPalette && palette.byteLength === 0) throw corrupt('png', 'the palette is missing')
  return {
    width,
    height,
    channels: isPalette ? (alpha.byteLength > 0 ? 4 : 3) : channels,
    bitsPerSample: bitDepth === 16 ? 16 : bitDepth === 1 && colorType === 0 ? 1 : 8,
    bitDepth,
    colorType,
    interlaced: interlace === 1,
    palette,
    paletteAlpha: isPalette ? alpha : nothing
  }
}
