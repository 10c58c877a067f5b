import { corrupt, unsupported } from '../codec-errors.js'

const id = 'compresso'
const headerBytes = 36

/** A compresso stream by its parts. Lists of words are views, read by {@link readWord}. */
export interface CompressoStream {
  readonly size: readonly [number, number, number]
  readonly steps: readonly [number, number, number]
  readonly labelBytes: number
  readonly windowBytes: number
  readonly connectivity: 4 | 6
  /** Labels of the components, in the order of their first voxels. */
  readonly ids: WordList
  /** Bit fields of the boundaries that occur in a window. */
  readonly windows: WordList
  readonly locations: WordList
  /** Run-length encoded numbers of windows. */
  readonly runs: WordList
}

/** Little-endian words of 1, 2, 4 or 8 bytes; those of 8 in two halves. */
export interface WordList {
  readonly count: number
  readonly low: Uint32Array
  readonly high: Uint32Array
}

/** @throws ERR_CORRUPT_DATA unless all parts fit into the stream. */
export function parseCompresso(bytes: Uint8Array): CompressoStream {
  if (bytes.byteLength < headerBytes) throw corrupt(id, `the stream has ${bytes.byteLength} bytes, its header alone takes ${headerBytes}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint32(0) !== 0x6370736f) throw corrupt(id, 'the stream does not begin with "cpso"')
  const version = view.getUint8(4)
  if (version > 1) throw unsupported(id, `format version ${version}; known are 0 and 1`)
  const labelBytes = view.getUint8(5)
  if (labelBytes !== 1 && labelBytes !== 2 && labelBytes !== 4 && labelBytes !== 8) throw corrupt(id, `labels of ${labelBytes} bytes`)
  const size = [view.getUint16(6, true), view.getUint16(8, true), view.getUint16(10, true)] as const
  const steps = [view.getUint8(12), view.getUint8(13), view.getUint8(14)] as const
  const connectivity = view.getUint8(35)
  const empty = size.includes(0)
  const perWindow = steps[0] * steps[1] * steps[2]
  if (!empty && (perWindow === 0 || perWindow > 64)) throw corrupt(id, `windows of ${steps.join(' x ')} voxels, expected 1 to 64 voxels`)
  if (!empty && connectivity !== 4 && connectivity !== 6) throw corrupt(id, `connectivity ${connectivity}, expected 4 or 6`)
  const windowBytes = perWindow <= 8 ? 1 : perWindow <= 16 ? 2 : perWindow <= 32 ? 4 : 8
  let offset = headerBytes
  const take = (name: string, count: number, width: number): WordList => {
    if (!Number.isSafeInteger(count) || offset + count * width > bytes.byteLength)
      throw corrupt(id, `${count} ${name} of ${width} bytes do not fit into a stream of ${bytes.byteLength} bytes`)
    const list = wordList(view, offset, count, width)
    offset += count * width
    return list
  }
  const ids = take('labels', Number(view.getBigUint64(15, true)), labelBytes)
  const windows = take('window values', view.getUint32(23, true), windowBytes)
  const locations = take('locations', Number(view.getBigUint64(27, true)), labelBytes)
  const tail = version === 0 || empty ? 0 : 2 * size[2] * tailWidth(size)
  const rest = bytes.byteLength - offset - tail
  if (rest < 0 || rest % windowBytes !== 0) throw corrupt(id, `the stream ends in its windows or in its index of slices`)
  const runs = take('runs of windows', rest / windowBytes, windowBytes)
  return { size, steps, labelBytes, windowBytes, connectivity: connectivity === 6 ? 6 : 4, ids, windows, locations, runs }
}

/** Bytes of an entry of the index of slices, which version 1 has at its end. */
function tailWidth([sizeX, sizeY]: readonly [number, number, number]): number {
  const most = 2 * sizeX * sizeY
  if (most < 255) return 1
  return most < 65535 ? 2 : most < 2 ** 32 - 1 ? 4 : 8
}

function wordList(view: DataView, offset: number, count: number, width: number): WordList {
  const low = new Uint32Array(count)
  const high = width === 8 ? new Uint32Array(count) : low
  for (let index = 0; index < count; index++) {
    const at = offset + index * width
    if (width === 1) low[index] = view.getUint8(at)
    else if (width === 2) low[index] = view.getUint16(at, true)
    else low[index] = view.getUint32(at, true)
    if (width === 8) high[index] = view.getUint32(at + 4, true)
  }
  return { count, low, high: width === 8 ? high : new Uint32Array(0) }
}
