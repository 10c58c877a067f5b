// Makes sample.mrc, the volume that the tour shows: cells in culture as a confocal microscope sees them, nuclei and
// vesicles stained, with the blur of the lens, a brighter middle of the field, and the noise of photons and camera.
// The same numbers every time; written without our own packages.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const [depth, height, width] = [24, 192, 192]
/** Voxel size in angstrom: x, y, z. */
const voxel = [2000, 2000, 6000]
const target = process.argv[2] ?? fileURLToPath(new URL('sample.mrc', import.meta.url))

/** Uniform numbers in [0, 1): mulberry32. */
let state = 20240607
const random = () => {
  state = (state + 0x6d2b79f5) | 0
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}
const between = (low, high) => low + (high - low) * random()
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())

const at = (z, y, x) => (z * height + y) * width + x
const light = new Float64Array(depth * height * width)

/** Smooth random texture around 1. */
const makeTexture = (scale, strength) => {
  const waves = Array.from({ length: 12 }, () => ({
    k: [normal() / scale, normal() / scale, (2 * normal()) / scale],
    phase: between(0, 2 * Math.PI)
  }))
  return (x, y, z) => 1 + (strength / 3.5) * waves.reduce((sum, { k, phase }) => sum + Math.cos(k[0] * x + k[1] * y + k[2] * z + phase), 0)
}

/** Adds light inside a rotated ellipsoid; `profile` gets the relative distance from the centre. */
const addEllipsoid = ({ centre, radii, angle }, profile) => {
  const [cx, cy, cz] = centre
  const reach = Math.ceil(Math.max(radii[0], radii[1]) * 1.2)
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)]
  for (let z = Math.max(0, Math.floor(cz - radii[2] * 1.2)); z <= Math.min(depth - 1, Math.ceil(cz + radii[2] * 1.2)); z++) {
    for (let y = Math.max(0, Math.floor(cy - reach)); y <= Math.min(height - 1, Math.ceil(cy + reach)); y++) {
      for (let x = Math.max(0, Math.floor(cx - reach)); x <= Math.min(width - 1, Math.ceil(cx + reach)); x++) {
        const [dx, dy, dz] = [x - cx, y - cy, z - cz]
        const distance = Math.hypot((cos * dx + sin * dy) / radii[0], (cos * dy - sin * dx) / radii[1], dz / radii[2])
        if (distance < 1.2) light[at(z, y, x)] += profile(distance, x, y, z)
      }
    }
  }
}
const edge = (distance, softness = 0.08) => 1 / (1 + Math.exp((distance - 1) / softness))

// Cells keep a distance, as neighbours in a dish do.
const cells = []
for (let tries = 0; tries < 4000 && cells.length < 13; tries++) {
  const centre = [between(0, width), between(0, height), between(9, 13)]
  if (cells.every((cell) => Math.hypot(cell.centre[0] - centre[0], cell.centre[1] - centre[1]) > 47)) {
    cells.push({ centre, radii: [between(25, 33), between(19, 25), between(7, 9)], angle: between(0, Math.PI) })
  }
}
for (const cell of cells) {
  const cytoplasm = makeTexture(9, 0.35)
  addEllipsoid(cell, (distance, x, y, z) => 105 * edge(distance) * cytoplasm(x, y, z) + 60 * Math.exp(-(((distance - 1) / 0.06) ** 2)))
  const nucleus = {
    centre: [cell.centre[0] + normal() * 2, cell.centre[1] + normal() * 2, cell.centre[2] + 1],
    radii: [between(11, 14), between(9, 11.5), between(4.5, 5.5)],
    angle: cell.angle + between(-0.3, 0.3)
  }
  const chromatin = makeTexture(3.2, 0.45)
  const brightness = between(620, 980)
  addEllipsoid(nucleus, (distance, x, y, z) => brightness * edge(distance, 0.05) * chromatin(x, y, z))
  for (let nucleolus = 0; nucleolus < 2; nucleolus++) {
    const centre = nucleus.centre.map((middle, axis) => middle + normal() * [3.5, 3, 1][axis])
    addEllipsoid({ centre, radii: [2.6, 2.4, 1.4], angle: 0 }, (distance) => -0.62 * brightness * edge(distance, 0.15))
  }
  for (let vesicle = 0; vesicle < 26; vesicle++) {
    const [turn, radius] = [between(0, 2 * Math.PI), Math.sqrt(between(0.3, 0.92))]
    const [along, across] = [radius * cell.radii[0] * Math.cos(turn), radius * cell.radii[1] * Math.sin(turn)]
    const [sin, cos] = [Math.sin(cell.angle), Math.cos(cell.angle)]
    const centre = [cell.centre[0] + cos * along - sin * across, cell.centre[1] + sin * along + cos * across, cell.centre[2] + normal() * 2]
    const shine = between(300, 900)
    addEllipsoid({ centre, radii: [1.5, 1.5, 1], angle: 0 }, (distance) => shine * edge(distance, 0.2))
  }
}
for (let index = 0; index < light.length; index++) light[index] = Math.max(0, light[index])

/** Gaussian blur along one axis. */
const blur = (volume, sigma, stride, length) => {
  const radius = Math.ceil(3 * sigma)
  const kernel = Array.from({ length: 2 * radius + 1 }, (_, index) => Math.exp(-0.5 * ((index - radius) / sigma) ** 2))
  const total = kernel.reduce((sum, weight) => sum + weight, 0)
  const result = new Float64Array(volume.length)
  for (let index = 0; index < volume.length; index++) {
    const position = Math.floor(index / stride) % length
    let sum = 0
    for (let offset = -radius; offset <= radius; offset++) {
      const clamped = Math.min(length - 1, Math.max(0, position + offset))
      sum += kernel[offset + radius] * volume[index + (clamped - position) * stride]
    }
    result[index] = sum / total
  }
  return result
}
let image = blur(light, 1, 1, width)
image = blur(image, 1, width, height)
image = blur(image, 1.3, width * height, depth)

const values = new Uint16Array(image.length)
for (let z = 0; z < depth; z++) {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const fromMiddle = ((x - width / 2) ** 2 + (y - height / 2) ** 2) / ((width / 2) ** 2 + (height / 2) ** 2)
      const photons = (image[at(z, y, x)] + 14) * (1 - 0.45 * fromMiddle)
      // Shot noise, read noise and the offset of the camera, in 12 bits.
      const counted = photons + Math.sqrt(photons) * 1.6 * normal() + 4 * normal() + 100
      values[at(z, y, x)] = Math.max(0, Math.min(4095, Math.round(counted)))
    }
  }
}

// MRC2014: a header of 1024 bytes, then sections of rows; rows run from the bottom up.
const header = new DataView(new ArrayBuffer(1024))
const integers = { 0: width, 4: height, 8: depth, 12: 6, 28: width, 32: height, 36: depth, 64: 1, 68: 2, 72: 3, 88: 1, 108: 20140, 220: 1 }
for (const [offset, value] of Object.entries(integers)) header.setInt32(Number(offset), value, true)
const sum = values.reduce((total, value) => total + value, 0)
const mean = sum / values.length
const deviation = Math.sqrt(values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length)
const cell = [width * voxel[0], height * voxel[1], depth * voxel[2], 90, 90, 90]
const extremes = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b)), mean]
for (const [index, value] of cell.entries()) header.setFloat32(40 + 4 * index, value, true)
for (const [index, value] of extremes.entries()) header.setFloat32(76 + 4 * index, value, true)
header.setFloat32(216, deviation, true)
const text = (offset, content) => {
  for (const [index, letter] of [...content].entries()) header.setUint8(offset + index, letter.charCodeAt(0))
}
text(208, 'MAP ')
text(224, 'Made by tools/tour/make-sample.mjs: cells in culture, simulated'.padEnd(80))
header.setUint16(212, 0x4444, true)

const file = Buffer.alloc(1024 + values.byteLength)
file.set(new Uint8Array(header.buffer))
let offset = 1024
for (let z = 0; z < depth; z++)
  for (let y = height - 1; y >= 0; y--) for (let x = 0; x < width; x++, offset += 2) file.writeUInt16LE(values[at(z, y, x)], offset)
writeFileSync(target, file)
console.log(`${target}: ${(file.length / 1e6).toFixed(2)} MB, ${cells.length} cells, values ${extremes[0]} to ${extremes[1]}`)
