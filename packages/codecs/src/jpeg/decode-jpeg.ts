import { corrupt } from '../codec-errors.js'
import { colorRow } from './colors.js'
import { type ComponentPlane, codedUnits, createPlanes, maximalSampling, transformPlane } from './component-plane.js'
import { buildHuffmanTable, type HuffmanTable } from './huffman-table.js'
import { endOfImage, isFrame, type JpegColors, type JpegFrame, nextSegment, parseFrame, startOfImage, startOfScan } from './jpeg-header.js'
import { ProgressiveDecoder } from './progressive-decoder.js'
import { decodeScan, type Scan } from './scan.js'
import { SequentialDecoder } from './sequential-decoder.js'
import { rowReader } from './upsample.js'
import { zigzag } from './zigzag.js'

/** A decoded JPEG image. */
export interface JpegImage {
  readonly width: number
  readonly height: number
  readonly channels: number
  /** Interleaved samples, rows from the top. Two bytes each, in the machine's order, where they have 12 bits. */
  readonly samples: Uint8Array | Uint16Array
}

export interface JpegDecodeOptions {
  /** Tables for streams that leave them out, as a stream of its own (TIFF tag 347). */
  readonly tables?: Uint8Array | undefined
  /** How the colors are stored; by the markers of the stream as libjpeg does, if left out. `jfif`: as YCbCr if the stream says JFIF. */
  readonly colors?: JpegColors | 'jfif' | undefined
  /** Looks at the frame before anything is allocated for it, and throws if it does not fit. */
  readonly checkFrame: (frame: JpegFrame) => void
}

/** What was read of a stream so far. */
interface DecoderState {
  readonly quantizations: (Uint16Array | undefined)[]
  readonly dcTables: (HuffmanTable | undefined)[]
  readonly acTables: (HuffmanTable | undefined)[]
  restartInterval: number
  jfif: boolean
  /** Transform of the Adobe marker (APP14). */
  adobe: number | undefined
  frame: JpegFrame | undefined
  planes: ComponentPlane[]
  /** Ids of the components of which a scan was there. */
  readonly seen: Set<number>
  scans: number
}

/** Bits per 64 samples that no stream falls below: a DC code, and for sequential frames an end of block. */
const leastBlockBits = 1

/** Scans of a few bytes can keep a decoder busy for hours; real images have about ten. */
const maximalScans = 500

/**
 * Decodes a sequential or progressive JPEG image with Huffman codes, of 8 or 12 bits, equal to libjpeg-turbo to the bit.
 *
 * @throws ERR_CORRUPT_DATA; ERR_UNSUPPORTED for lossless, hierarchical and arithmetic frames.
 */
export function decodeJpeg(bytes: Uint8Array, options: JpegDecodeOptions): JpegImage {
  const state: DecoderState = {
    quantizations: [],
    dcTables: [],
    acTables: [],
    restartInterval: 0,
    jfif: false,
    adobe: undefined,
    frame: undefined,
    planes: [],
    seen: new Set(),
    scans: 0
  }
  if (options.tables !== undefined) readStream(state, options.tables, options, true)
  const ended = readStream(state, bytes, options, false)
  const { frame } = state
  if (frame === undefined || frame.components.some(({ id }) => !state.seen.has(id)))
    throw corrupt('jpeg', frame === undefined ? 'the image has no frame header' : 'the stream ends before every component is there')
  if (frame.progressive) {
    // Without the last scans the image would be there, but blurred.
    if (!ended) throw corrupt('jpeg', 'the stream ends before its end-of-image marker')
    for (const plane of state.planes) transformPlane(plane, quantizationOf(state, plane), frame.precision)
  }
  const colors = options.colors === 'jfif' ? (state.jfif ? 'ycbcr' : 'plain') : options.colors
  return assemble(state, frame, colors ?? storedColors(state, frame))
}

/** Whether the end-of-image marker was reached. */
function readStream(state: DecoderState, bytes: Uint8Array, options: JpegDecodeOptions, tablesOnly: boolean): boolean {
  if (bytes[0] !== 0xff || bytes[1] !== startOfImage) throw corrupt('jpeg', 'the stream does not begin with a start-of-image marker')
  let at = 2
  while (at < bytes.byteLength) {
    // Some writers leave out the end-of-image marker or put zeros behind the data.
    if (bytes[at] !== 0xff && state.frame !== undefined && !tablesOnly) return false
    const { marker, content, end } = nextSegment(bytes, at)
    at = end
    if (marker === endOfImage) return true
    if (marker === 0xdb) readQuantization(state, content)
    else if (marker === 0xc4) readHuffman(state, content)
    else if (marker === 0xdd) state.restartInterval = ((content[0] ?? 0) << 8) | (content[1] ?? 0)
    else if (marker === 0xe0) state.jfif ||= startsWith(content, 'JFIF\0')
    else if (marker === 0xee && startsWith(content, 'Adobe')) state.adobe = content[11]
    else if (isFrame(marker)) {
      if (state.frame !== undefined) throw corrupt('jpeg', 'the image has two frame headers')
      const frame = parseFrame(marker, content)
      options.checkFrame(frame)
      const blocks = Math.ceil(frame.width / 8) * Math.ceil(frame.height / 8)
      if (blocks * leastBlockBits > bytes.byteLength * 8)
        throw corrupt('jpeg', `${bytes.byteLength} bytes cannot hold ${frame.width} x ${frame.height} pixels`)
      state.frame = frame
      state.planes = createPlanes(frame)
    } else if (marker === startOfScan) at = readScan(state, content, bytes, end)
  }
  return false
}

function readQuantization(state: DecoderState, content: Uint8Array): void {
  for (let at = 0; at < content.byteLength; ) {
    const wide = content[at]! >> 4
    const id = content[at]! & 15
    at++
    const length = wide === 0 ? 64 : 128
    if (wide > 1 || id > 3 || at + length > content.byteLength) throw corrupt('jpeg', 'a quantization table is damaged')
    const table = new Uint16Array(64)
    for (let k = 0; k < 64; k++) {
      table[zigzag[k]!] = wide === 0 ? content[at + k]! : (content[at + 2 * k]! << 8) | content[at + 2 * k + 1]!
    }
    state.quantizations[id] = table
    at += length
  }
}

function readHuffman(state: DecoderState, content: Uint8Array): void {
  for (let at = 0; at < content.byteLength; ) {
    const kind = content[at]! >> 4
    const id = content[at]! & 15
    const counts = content.subarray(at + 1, at + 17)
    const total = counts.reduce((sum, count) => sum + count, 0)
    at += 17
    if (kind > 1 || id > 3 || counts.length < 16 || total > 256 || at + total > content.byteLength)
      throw corrupt('jpeg', 'a Huffman table is damaged')
    const tables = kind === 0 ? state.dcTables : state.acTables
    tables[id] = buildHuffmanTable(counts, content.slice(at, at + total))
    at += total
  }
}

function readScan(state: DecoderState, content: Uint8Array, bytes: Uint8Array, offset: number): number {
  const { frame } = state
  if (frame === undefined) throw corrupt('jpeg', 'a scan comes before the frame header')
  state.scans++
  if (state.scans > maximalScans) throw corrupt('jpeg', `the image has more than ${maximalScans} scans`)
  const count = content[0] ?? 0
  if (count < 1 || count > 4 || content.byteLength !== 4 + 2 * count) throw corrupt('jpeg', 'a scan header is damaged')
  const components = Array.from({ length: count }, (_, index) => {
    const id = content[1 + 2 * index]!
    const tables = content[2 + 2 * index]!
    const plane = state.planes.find((plane) => plane.component.id === id)
    if (plane === undefined) throw corrupt('jpeg', `a scan names component ${id}, which is not in the frame`)
    return { plane, dc: state.dcTables[tables >> 4], ac: state.acTables[tables & 15] }
  })
  const blocks = components.reduce((sum, { plane }) => sum + plane.component.horizontalSampling * plane.component.verticalSampling, 0)
  if (new Set(components.map(({ plane }) => plane)).size !== count || (count > 1 && blocks > 10))
    throw corrupt('jpeg', 'a scan interleaves too many blocks')
  const [spectralStart = 0, spectralEnd = 0, successive = 0] = content.subarray(1 + 2 * count)
  const scan: Scan = {
    components,
    spectralStart,
    spectralEnd,
    successiveHigh: successive >> 4,
    successiveLow: successive & 15,
    restartInterval: state.restartInterval
  }
  for (const { plane } of components) state.seen.add(plane.component.id)
  const decoder = frame.progressive
    ? new ProgressiveDecoder(scan)
    : new SequentialDecoder(
        scan,
        components.map(({ plane }) => quantizationOf(state, plane)),
        frame.precision
      )
  return decodeScan(bytes, offset, scan, codedUnits(frame), decoder)
}

function quantizationOf(state: DecoderState, plane: ComponentPlane): Uint16Array {
  const table = state.quantizations[plane.component.quantization]
  if (table === undefined) throw corrupt('jpeg', `component ${plane.component.id} names a quantization table that is not there`)
  return table
}

/** How the colors are stored, by the rules of libjpeg: JFIF, then Adobe's marker, then the ids of the components. */
function storedColors(state: DecoderState, { components }: JpegFrame): JpegColors {
  const ids = components.map((component) => component.id).join()
  if (components.length === 3) {
    if (state.jfif) return 'ycbcr'
    if (state.adobe !== undefined) return state.adobe === 0 ? 'plain' : 'ycbcr'
    return ids === '82,71,66' ? 'plain' : 'ycbcr'
  }
  return components.length === 4 && state.adobe === 2 ? 'ycck' : 'plain'
}

function assemble(state: DecoderState, frame: JpegFrame, colors: JpegColors): JpegImage {
  const { width, height, precision, components } = frame
  const channels = components.length
  const converts = colors === 'ycck' ? channels === 4 : colors === 'ycbcr' && channels === 3
  const { horizontal, vertical } = maximalSampling(frame)
  const [first] = state.planes
  const size = width * height * channels
  const samples = precision > 8 ? new Uint16Array(size) : new Uint8Array(size)
  if (channels === 1 && first !== undefined) {
    for (let y = 0; y < height; y++) samples.set(first.samples.subarray(y * first.stride, y * first.stride + width), y * width)
    return { width, height, channels, samples }
  }
  const readers = state.planes.map((plane) =>
    rowReader(plane, horizontal / plane.component.horizontalSampling, vertical / plane.component.verticalSampling)
  )
  // An interpolated row of an odd image is one sample longer.
  const rows = state.planes.map((plane) => new Uint16Array((plane.width * horizontal) / plane.component.horizontalSampling))
  for (let y = 0; y < height; y++) {
    for (const [index, read] of readers.entries()) read(y, rows[index]!)
    colorRow(converts ? colors : 'plain', rows, width, precision, samples, y * width * channels)
  }
  return { width, height, channels, samples }
}

function startsWith(content: Uint8Array, text: string): boolean {
  return content.byteLength >= text.length && [...text].every((character, index) => content[index] === character.charCodeAt(0))
}
