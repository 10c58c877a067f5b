// The volume that everything is measured on: smooth structure with noise, so that no codec gets it for nothing.
import { createHash } from 'node:crypto'

/** Reproducible numbers in [0, 1): mulberry32. */
export const randomNumbers = (seed) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

const noiseValues = 160

/** A cube of uint16, C order. */
export const makeVolume = (size) => {
  const volume = new Uint16Array(size ** 3)
  const wave = Float64Array.from({ length: size }, (_, at) => Math.sin(at / 23) + 0.5 * Math.sin(at / 7.3 + 1))
  let noise = 0x9e3779b9
  let offset = 0
  for (let z = 0; z < size; z++) {
    for (let y = 0; y < size; y++) {
      const base = 4000 + 900 * wave[z] * wave[y]
      for (let x = 0; x < size; x++) {
        noise = (Math.imul(noise, 1664525) + 1013904223) >>> 0
        volume[offset++] = base + 700 * wave[x] + ((noise >>> 16) % noiseValues)
      }
    }
  }
  return volume
}

/** Boxes of `length` along every axis, at the same places in every run; aligned ones begin at a multiple of `grid`. */
export const randomBoxes = (size, length, count, { grid = 1, seed }) => {
  const random = randomNumbers(seed)
  const places = Math.floor((size - length) / grid) + 1
  return Array.from({ length: count }, () => {
    const start = [0, 1, 2].map(() => Math.floor(random() * places) * grid)
    return { start, stop: start.map((from) => from + length) }
  })
}

/** The elements of a box of a cube, C order. */
export const cutBox = (volume, size, { start, stop }) => {
  const shape = start.map((from, axis) => stop[axis] - from)
  const cut = new Uint16Array(shape[0] * shape[1] * shape[2])
  let offset = 0
  for (let z = start[0]; z < stop[0]; z++) {
    for (let y = start[1]; y < stop[1]; y++) {
      const row = (z * size + y) * size
      cut.set(volume.subarray(row + start[2], row + stop[2]), offset)
      offset += shape[2]
    }
  }
  return cut
}

/** Puts the elements of a box back into a cube. */
export const pasteBox = (volume, size, { start, stop }, elements) => {
  const width = stop[2] - start[2]
  let offset = 0
  for (let z = start[0]; z < stop[0]; z++) {
    for (let y = start[1]; y < stop[1]; y++) {
      volume.set(elements.subarray(offset, offset + width), (z * size + y) * size + start[2])
      offset += width
    }
  }
}

/** What a partial write puts into box number `index`. */
export const changedBox = (volume, size, box, index) => cutBox(volume, size, box).map((value) => value + index + 1)

/** SHA-256 of several arrays, one after the other. */
export const hashOf = (...arrays) => {
  const hash = createHash('sha256')
  for (const { buffer, byteOffset, byteLength } of arrays) hash.update(new Uint8Array(buffer, byteOffset, byteLength))
  return hash.digest('hex')
}
