import { corrupt } from '../codec-errors.js'
import { numberComponents } from './components.js'
import type { CompressoStream } from './compresso-stream.js'

const id = 'compresso'

/**
 * Decodes labels, x fastest, into little-endian bytes. The interior of a component has one label; boundary voxels take that of a
 * neighbour, or one that the stream names.
 *
 * @throws ERR_CORRUPT_DATA
 */
export function decodeCompresso(stream: CompressoStream): Uint8Array {
  const { size, labelBytes, ids, locations } = stream
  const voxels = size[0] * size[1] * size[2]
  if (voxels === 0) return new Uint8Array(0)
  const boundary = decodeBoundary(stream)
  // Per voxel the place of its label in the list of all labels, from 1; 0 while it is not known.
  const places = new Uint32Array(voxels)
  const components = numberComponents(boundary, size, stream.connectivity === 6, places)
  if (components > ids.count) throw corrupt(id, `${components} components, but labels for ${ids.count}`)
  const labels = new LabelList(ids.count + locations.count, labelBytes)
  for (let index = 0; index < ids.count; index++) labels.add(ids.low[index]!, ids.high[index] ?? 0)
  fillBoundary(stream, boundary, places, labels)
  return labels.expand(places)
}

/** One byte per voxel: 1 on a boundary. */
function decodeBoundary({ size, steps, windows, runs, windowBytes }: CompressoStream): Uint8Array {
  const [sizeX, sizeY, sizeZ] = size
  const [stepX, stepY, stepZ] = steps
  const gridX = Math.ceil(sizeX / stepX)
  const gridY = Math.ceil(sizeY / stepY)
  const gridZ = Math.ceil(sizeZ / stepZ)
  const total = gridX * gridY * gridZ
  const boundary = new Uint8Array(sizeX * sizeY * sizeZ)
  let window = 0
  for (let run = 0; run < runs.count; run++) {
    const low = runs.low[run]!
    const high = runs.high[run] ?? 0
    // Halved, which keeps counts of up to 2^53 exact.
    const half = high * 2 ** 31 + (low >>> 1)
    const repeats = (low & 1) === 1
    const number = repeats ? 0 : half
    const count = repeats ? half : 1
    if (window + count > total) throw corrupt(id, `more windows than the ${total} of a volume of ${size.join(' x ')} voxels`)
    if (number >= windows.count) throw corrupt(id, `window value ${number} of ${windows.count}`)
    const fieldLow = windows.low[number]!
    const fieldHigh = windowBytes === 8 ? windows.high[number]! : 0
    if (fieldLow === 0 && fieldHigh === 0) {
      window += count
      continue
    }
    for (let end = window + count; window < end; window++) {
      const x0 = (window % gridX) * stepX
      const y0 = (Math.floor(window / gridX) % gridY) * stepY
      const z0 = Math.floor(window / (gridX * gridY)) * stepZ
      const endX = Math.min(stepX, sizeX - x0)
      const endY = Math.min(stepY, sizeY - y0)
      const endZ = Math.min(stepZ, sizeZ - z0)
      for (let z = 0; z < endZ; z++) {
        for (let y = 0; y < endY; y++) {
          const row = x0 + sizeX * (y0 + y + sizeY * (z0 + z))
          const bit = stepX * (y + stepY * z)
          for (let x = 0; x < endX; x++) {
            const at = bit + x
            boundary[row + x] = at < 32 ? (fieldLow >>> at) & 1 : (fieldHigh >>> (at - 32)) & 1
          }
        }
      }
    }
  }
  if (window !== total) throw corrupt(id, `${window} windows, expected ${total} for a volume of ${size.join(' x ')} voxels`)
  return boundary
}

/** Labels of boundary voxels, in raster order. */
function fillBoundary(
  { size, connectivity, locations }: CompressoStream,
  boundary: Uint8Array,
  places: Uint32Array,
  labels: LabelList
): void {
  const [sizeX, sizeY, sizeZ] = size
  const slice = sizeX * sizeY
  let location = 0
  const next = (): number => {
    if (location >= locations.count) throw corrupt(id, `more boundary voxels than the ${locations.count} locations say something about`)
    return location++
  }
  let voxel = 0
  for (let z = 0; z < sizeZ; z++) {
    for (let y = 0; y < sizeY; y++) {
      for (let x = 0; x < sizeX; x++, voxel++) {
        if (boundary[voxel] === 0) continue
        if (x > 0 && boundary[voxel - 1] === 0) places[voxel] = places[voxel - 1]!
        else if (y > 0 && boundary[voxel - sizeX] === 0) places[voxel] = places[voxel - sizeX]!
        else if (connectivity === 6 && z > 0 && boundary[voxel - slice] === 0) places[voxel] = places[voxel - slice]!
        else {
          const at = next()
          const low = locations.low[at]!
          const high = locations.high[at] ?? 0
          if (high === 0 && low < 6) {
            const inside = [x > 0, x < sizeX - 1, y > 0, y < sizeY - 1, z > 0, z < sizeZ - 1][low]
            const neighbour = voxel + [-1, 1, -sizeX, sizeX, -slice, slice][low]!
            if (inside !== true || places[neighbour] === 0)
              throw corrupt(id, `voxel (${x}, ${y}, ${z}) takes the label of a neighbour that has none`)
            places[voxel] = places[neighbour]!
          } else if (high === 0 && low === 6) {
            const label = next()
            places[voxel] = labels.add(locations.low[label]!, locations.high[label] ?? 0)
          } else places[voxel] = labels.add((low - 7) >>> 0, low < 7 ? high - 1 : high)
        }
      }
    }
  }
}

/** Labels that grow in number, of 1 to 8 bytes. */
class LabelList {
  readonly #bytes: number
  readonly #low: Uint32Array
  readonly #high: Uint32Array
  #count = 0

  constructor(capacity: number, bytes: number) {
    this.#bytes = bytes
    this.#low = new Uint32Array(capacity + 1)
    this.#high = new Uint32Array(bytes === 8 ? capacity + 1 : 0)
  }

  /** Gives the place of the label, from 1. */
  add(low: number, high: number): number {
    const place = ++this.#count
    this.#low[place] = low
    if (this.#bytes === 8) this.#high[place] = high
    return place
  }

  /** The label of every place, in little-endian bytes. */
  expand(places: Uint32Array): Uint8Array {
    const bytes = new Uint8Array(places.length * this.#bytes)
    if (this.#bytes === 1) {
      for (let at = 0; at < places.length; at++) bytes[at] = this.#low[places[at]!]!
      return bytes
    }
    const view = new DataView(bytes.buffer)
    if (this.#bytes === 2) for (let at = 0; at < places.length; at++) view.setUint16(2 * at, this.#low[places[at]!]!, true)
    else if (this.#bytes === 4) for (let at = 0; at < places.length; at++) view.setUint32(4 * at, this.#low[places[at]!]!, true)
    else {
      for (let at = 0; at < places.length; at++) {
        view.setUint32(8 * at, this.#low[places[at]!]!, true)
        view.setUint32(8 * at + 4, this.#high[places[at]!]!, true)
      }
    }
    return bytes
  }
}
