import { describe, expect, test } from 'vitest'
import type { StridedBox } from '../src/chunked/codec.js'
import { copyStrided, fillStrided, swapBytes } from '../src/strided/copy-strided.js'
import { dot, positions } from './helpers/positions.js'
import { Random } from './helpers/random.js'

const itemSizes = [1, 2, 4, 8, 16]

/** The same by bytes, one at a time. */
function copyNaively(box: StridedBox): void {
  for (const position of positions(box.shape)) {
    const from = box.sourceOffset + dot(position, box.sourceStrides)
    const to = box.destinationOffset + dot(position, box.destinationStrides)
    for (let byte = 0; byte < box.itemSize; byte++) box.destination[to + byte] = box.source[from + byte] ?? Number.NaN
  }
}

interface Layout {
  readonly offset: number
  readonly strides: readonly number[]
  readonly length: number
}

/** Strides at which the elements of a shape do not overlap, in a random order of axes, with random gaps and signs. */
function randomLayout(random: Random, shape: readonly number[], itemSize: number, repeats: boolean): Layout {
  const strides = shape.map(() => 0)
  const odd = random.chance(0.3)
  let step = itemSize
  for (const axis of random.shuffle(shape.map((_, axis) => axis))) {
    if (repeats && random.chance(0.15)) continue
    if (random.chance(0.3)) step += odd ? random.integer(0, 7) : itemSize * random.integer(0, 3)
    strides[axis] = step
    step *= shape[axis] ?? 1
  }
  let offset = random.chance(0.5) ? random.integer(0, 9) : 0
  const length = offset + step + random.integer(0, 5)
  for (const [axis, stride] of strides.entries()) {
    if (!random.chance(0.25)) continue
    offset += stride * ((shape[axis] ?? 1) - 1)
    strides[axis] = -stride
  }
  return { offset, strides, length }
}

/** Bytes somewhere in a larger buffer, so that they begin at any address. */
function memory(random: Random, content: Uint8Array, shared: boolean): Uint8Array {
  const before = random.integer(0, 9)
  const buffer = shared ? new SharedArrayBuffer(before + content.length + 9) : new ArrayBuffer(before + content.length + 9)
  const bytes = new Uint8Array(buffer, before, content.length)
  bytes.set(content)
  return bytes
}

describe('copyStrided', () => {
  test.each(itemSizes)('moves random boxes of %i-byte elements as a loop over bytes does', (itemSize) => {
    const random = new Random(itemSize)
    for (let round = 0; round < 400; round++) {
      const shape = Array.from({ length: random.integer(0, 5) }, () => random.pick([0, 1, 1, 2, 3, 4, 5, 7]))
      const source = randomLayout(random, shape, itemSize, true)
      const destination = randomLayout(random, shape, itemSize, false)
      const content = random.bytes(source.length)
      const before = random.bytes(destination.length)
      const box = {
        shape,
        itemSize,
        source: memory(random, content, random.chance(0.2)),
        sourceOffset: source.offset,
        sourceStrides: source.strides,
        destination: memory(random, before, random.chance(0.2)),
        destinationOffset: destination.offset,
        destinationStrides: destination.strides
      }
      const expected = { ...box, destination: Uint8Array.from(before) }
      copyNaively(expected)
      copyStrided(box)
      expect(Array.from(box.destination), JSON.stringify({ round, shape, source, destination })).toEqual(Array.from(expected.destination))
      expect(Array.from(box.source)).toEqual(Array.from(content))
    }
  })

  test.each([
    [2, [70, 3, 130]],
    [4, [130, 70]],
    [8, [65, 2, 66]],
    [1, [200, 129]]
  ])('transposes boxes larger than a tile (%i bytes, %j)', (itemSize, shape) => {
    const random = new Random(7)
    const size = shape.reduce((product, length) => product * length, itemSize)
    const forwards = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, length) => product * length, itemSize))
    const backwards = shape.map((_, axis) => shape.slice(0, axis).reduce((product, length) => product * length, itemSize))
    const box = {
      shape,
      itemSize,
      source: random.bytes(size),
      sourceOffset: 0,
      sourceStrides: backwards,
      destination: new Uint8Array(size),
      destinationOffset: 0,
      destinationStrides: forwards
    }
    const expected = { ...box, destination: new Uint8Array(size) }
    copyNaively(expected)
    copyStrided(box)
    expect(Buffer.compare(box.destination, expected.destination)).toBe(0)
  })

  test.each([4, 64, 128, 256, 512, 516, 4096])('copies rows of %i bytes', (rowBytes) => {
    const random = new Random(rowBytes)
    const box = {
      shape: [3, rowBytes],
      itemSize: 1,
      source: random.bytes(4 * rowBytes * 2),
      sourceOffset: 4,
      sourceStrides: [rowBytes + 8, 1],
      destination: new Uint8Array(rowBytes * 5),
      destinationOffset: 8,
      destinationStrides: [rowBytes + 4, 1]
    }
    const expected = { ...box, destination: new Uint8Array(rowBytes * 5) }
    copyNaively(expected)
    copyStrided(box)
    expect(Array.from(box.destination)).toEqual(Array.from(expected.destination))
  })

  test('reaches places beyond 2 GiB, by rows and by elements', () => {
    // Only the touched pages of this memory are ever taken from the machine.
    const far = 2 ** 31 + 2 ** 20
    const destination = new Uint8Array(far + 64)
    const source = Uint8Array.from({ length: 32 }, (_, at) => at + 1)
    const place = { shape: [2, 2, 2], itemSize: 4, source, sourceOffset: 0, destination }
    copyStrided({ ...place, sourceStrides: [16, 8, 4], destinationOffset: 16, destinationStrides: [far - 16, 16, 4] })
    expect(Array.from(destination.subarray(far, far + 8))).toEqual([17, 18, 19, 20, 21, 22, 23, 24])
    expect(Array.from(destination.subarray(far + 16, far + 24))).toEqual([25, 26, 27, 28, 29, 30, 31, 32])
    copyStrided({ ...place, sourceStrides: [4, 8, 16], destinationOffset: 16, destinationStrides: [far - 16, 16, 8] })
    expect(Array.from(destination.subarray(far, far + 4))).toEqual([5, 6, 7, 8])
    expect(Array.from(destination.subarray(far + 24, far + 28))).toEqual([29, 30, 31, 32])
    const back = new Uint8Array(32)
    copyStrided({
      shape: [2, 2, 2],
      itemSize: 4,
      source: destination,
      sourceOffset: 16,
      sourceStrides: [far - 16, 16, 8],
      destination: back,
      destinationOffset: 0,
      destinationStrides: [4, 8, 16]
    })
    expect(Array.from(back)).toEqual(Array.from(source))
  })

  test('keeps the payload of every NaN', () => {
    const source = new Uint8Array(Uint32Array.of(0x7fa00001, 0xffc12345, 0x7f800001, 0x80000000).buffer)
    const destination = new Uint8Array(16)
    copyStrided({
      shape: [4],
      itemSize: 4,
      source,
      sourceOffset: 12,
      sourceStrides: [-4],
      destination,
      destinationOffset: 0,
      destinationStrides: [4]
    })
    expect(Array.from(new Uint32Array(destination.buffer))).toEqual([0x80000000, 0x7f800001, 0xffc12345, 0x7fa00001])
  })
})

describe('fillStrided', () => {
  test.each(itemSizes)('fills random boxes of %i-byte elements', (itemSize) => {
    const random = new Random(100 + itemSize)
    for (let round = 0; round < 200; round++) {
      const shape = Array.from({ length: random.integer(0, 4) }, () => random.pick([0, 1, 2, 3, 5, 9]))
      const layout = randomLayout(random, shape, itemSize, false)
      const before = random.bytes(layout.length)
      const item = random.chance(0.3) ? new Uint8Array(itemSize).fill(random.integer(0, 255)) : random.bytes(itemSize)
      const destination = memory(random, before, random.chance(0.2))
      const expected = Uint8Array.from(before)
      copyNaively({
        shape,
        itemSize,
        source: item,
        sourceOffset: 0,
        sourceStrides: shape.map(() => 0),
        destination: expected,
        destinationOffset: layout.offset,
        destinationStrides: layout.strides
      })
      fillStrided(destination, layout.offset, layout.strides, shape, item)
      expect(Array.from(destination), JSON.stringify({ round, shape, layout })).toEqual(Array.from(expected))
    }
  })
})

describe('swapBytes', () => {
  test.each([1, 2, 4, 8])('reverses every %i bytes in place, at any address', (size) => {
    const random = new Random(size)
    for (const shared of [false, true]) {
      for (const count of [0, 1, 2, 5, 33]) {
        const content = random.bytes(count * size)
        const bytes = memory(random, content, shared)
        swapBytes(bytes, size)
        const expected = Array.from({ length: count }, (_, at) => Array.from(content.subarray(at * size, (at + 1) * size)).reverse())
        expect(Array.from(bytes)).toEqual(expected.flat())
      }
    }
  })
})
