import { corrupt, unsupported } from '../codec-errors.js'

/** What the header of a JPEG 2000 codestream says (ITU-T T.800, A.5.1). */
export interface CodestreamHeader {
  readonly width: number
  readonly height: number
  readonly channels: number
  readonly bitsPerSample: number
  readonly signed: boolean
}

const startOfCodestream = 0xff4f
const imageSize = 0xff51
const jp2Signature = 0x6a502020
const codestreamBox = 0x6a703263

/** Parses the header of a bare codestream, or of the one in a JP2 file (Annex I). @throws ERR_CORRUPT_DATA, ERR_UNSUPPORTED. */
export function parseCodestreamHeader(bytes: Uint8Array): CodestreamHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const start = bytes.byteLength >= 12 && view.getUint32(4) === jp2Signature ? codestreamIn(view) : 0
  if (start + 49 > bytes.byteLength || view.getUint16(start) !== startOfCodestream || view.getUint16(start + 2) !== imageSize)
    throw corrupt('jpeg2000', 'no codestream begins where one is due')
  const word = (at: number): number => view.getUint32(start + 8 + at)
  const width = word(0) - word(8)
  const height = word(4) - word(12)
  const channels = view.getUint16(start + 40)
  if (width < 1 || height < 1 || channels < 1 || start + 42 + 3 * channels > bytes.byteLength)
    throw corrupt('jpeg2000', `an image of ${width} x ${height} pixels with ${channels} components`)
  const components = Array.from({ length: channels }, (_, at) => bytes.subarray(start + 42 + 3 * at, start + 45 + 3 * at))
  const [depth = 0] = components[0] ?? []
  if (components.some(([each, stepX, stepY]) => each !== depth || stepX !== 1 || stepY !== 1))
    throw unsupported('jpeg2000', 'components that differ in depth or size')
  const bitsPerSample = (depth & 127) + 1
  if (bitsPerSample > 16) throw unsupported('jpeg2000', `samples of ${bitsPerSample} bits, expected at most 16`)
  return { width, height, channels, bitsPerSample, signed: depth > 127 }
}

/** Where the codestream of a JP2 file begins: boxes are a length, a type and a content. */
function codestreamIn(view: DataView): number {
  for (let at = 0; at + 8 <= view.byteLength; ) {
    const length = view.getUint32(at)
    const header = length === 1 ? 16 : 8
    if (view.getUint32(at + 4) === codestreamBox) return at + header
    const whole = length === 1 && at + 16 <= view.byteLength ? Number(view.getBigUint64(at + 8)) : length
    if (whole < header) break
    at += whole
  }
  throw corrupt('jpeg2000', 'the file has no codestream')
}
