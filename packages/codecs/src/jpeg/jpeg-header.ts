import { corrupt, unsupported } from '../codec-errors.js'

/** How the colors of a JPEG image are stored. `ycbcr` and `ycck` become RGB and CMYK. */
export type JpegColors = 'plain' | 'ycbcr' | 'ycck'

/** One component of a frame. */
export interface JpegComponent {
  readonly id: number
  /** Samples per unit along x and y, 1 to 4, relative to the other components. */
  readonly horizontalSampling: number
  readonly verticalSampling: number
  readonly quantization: number
}

/** What the frame header of a JPEG image (ITU-T T.81, B.2.2) says. */
export interface JpegFrame {
  readonly width: number
  readonly height: number
  /** Bits of a sample: 8 or 12. */
  readonly precision: number
  readonly progressive: boolean
  readonly components: readonly JpegComponent[]
}

/** What is known of a JPEG image without decoding it. */
export interface JpegHeader {
  readonly width: number
  readonly height: number
  /** Samples per pixel of the decoded image. */
  readonly channels: number
  /** Bits of a sample; more than 8 are decoded to two bytes. */
  readonly bitsPerSample: number
}

/** A marker and what belongs to it. */
export interface JpegSegment {
  readonly marker: number
  /** The parameters, without their length. */
  readonly content: Uint8Array
  /** Where the next segment or the entropy-coded data begin. */
  readonly end: number
}

export const startOfImage = 0xd8
export const endOfImage = 0xd9
export const startOfScan = 0xda

/** Frames other than sequential and progressive Huffman, by their marker. */
const otherFrames: Readonly<Record<number, string>> = {
  195: 'lossless',
  197: 'hierarchical',
  198: 'hierarchical progressive',
  199: 'hierarchical lossless',
  201: 'arithmetic',
  202: 'arithmetic progressive',
  203: 'arithmetic lossless',
  205: 'arithmetic hierarchical',
  206: 'arithmetic hierarchical progressive',
  207: 'arithmetic hierarchical lossless',
  247: 'JPEG-LS'
}

/** Walks over the marker segments from `offset` on. The caller skips entropy-coded data by going on behind them. */
export function nextSegment(bytes: Uint8Array, offset: number): JpegSegment {
  let at = offset
  if (bytes[at] !== 0xff) throw corrupt('jpeg', `byte ${at} is ${bytes[at] ?? 'behind the end'}, expected a marker`)
  // Any number of fill bytes may precede a marker (B.1.1.2).
  while (bytes[at] === 0xff) at++
  const marker = bytes[at++]
  if (marker === undefined || marker === 0) throw corrupt('jpeg', 'the stream ends where a marker is due')
  if (marker === startOfImage || marker === endOfImage || (marker >= 0xd0 && marker <= 0xd7) || marker === 0x01)
    return { marker, content: bytes.subarray(at, at), end: at }
  const length = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
  if (length < 2 || at + length > bytes.byteLength) throw corrupt('jpeg', `the segment at byte ${at} is cut`)
  return { marker, content: bytes.subarray(at + 2, at + length), end: at + length }
}

/**
 * Finds the frame header, without decoding.
 *
 * @throws ERR_CORRUPT_DATA if there is none; ERR_UNSUPPORTED for lossless, hierarchical and arithmetic frames.
 */
export function parseJpegHeader(bytes: Uint8Array): JpegHeader {
  let at = 0
  for (;;) {
    const { marker, content, end } = nextSegment(bytes, at)
    if (marker === endOfImage || marker === startOfScan) throw corrupt('jpeg', 'the image has no frame header')
    if (isFrame(marker)) {
      const frame = parseFrame(marker, content)
      return { width: frame.width, height: frame.height, channels: frame.components.length, bitsPerSample: frame.precision }
    }
    at = end
  }
}

export function isFrame(marker: number): boolean {
  return (marker >= 0xc0 && marker <= 0xc2) || Object.hasOwn(otherFrames, marker)
}

/** Parses a start-of-frame segment (B.2.2). */
export function parseFrame(marker: number, content: Uint8Array): JpegFrame {
  const other = otherFrames[marker]
  if (other !== undefined)
    throw unsupported('jpeg', `${other} frames are not decoded, only sequential and progressive ones with Huffman codes`)
  const [precision = 0, heightHigh = 0, heightLow = 0, widthHigh = 0, widthLow = 0, count = 0] = content
  const height = (heightHigh << 8) | heightLow
  const width = (widthHigh << 8) | widthLow
  if (content.byteLength !== 6 + 3 * count || count === 0 || width === 0) throw corrupt('jpeg', 'the frame header is damaged')
  if (height === 0) throw unsupported('jpeg', 'the height comes behind the image (marker DNL)')
  if (precision !== 8 && precision !== 12) throw unsupported('jpeg', `samples of ${precision} bits, expected 8 or 12`)
  if (count > 4) throw unsupported('jpeg', `${count} components, expected at most 4`)
  const components: JpegComponent[] = []
  for (let at = 6; at < content.byteLength; at += 3) {
    const [id = 0, sampling = 0, quantization = 0] = content.subarray(at, at + 3)
    const horizontalSampling = sampling >> 4
    const verticalSampling = sampling & 15
    if (horizontalSampling < 1 || horizontalSampling > 4 || verticalSampling < 1 || verticalSampling > 4 || quantization > 3)
      throw corrupt('jpeg', `component ${id} has sampling ${horizontalSampling}x${verticalSampling} and quantization table ${quantization}`)
    if (components.some((component) => component.id === id)) throw corrupt('jpeg', `two components have the id ${id}`)
    components.push({ id, horizontalSampling, verticalSampling, quantization })
  }
  return { width, height, precision, progressive: marker === 0xc2, components }
}
