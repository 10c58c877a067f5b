import { copyStrided, type StridedBox } from '@bioimage/core/backend'
import { expect, test } from 'vitest'
import { codecRuntime } from '../src/index.js'
import { loadKernel } from '../src/kernel/kernel.js'
import { SeededRandom } from './kernels.js'

const kernel = await loadKernel()

/** A random box of up to four axes in random order, with gaps, offsets and backward axes in the destination. */
function randomBox(random: SeededRandom, source: Uint8Array): StridedBox {
  const itemSize = [1, 2, 4][random.below(3)]!
  const rank = 1 + random.below(4)
  const shape = Array.from({ length: rank }, () => 1 + random.below(rank < 3 ? 200 : 24))
  const strides = (spread: number): number[] => {
    const order = shape.map((_, axis) => axis).sort(() => random.below(3) - 1)
    const result: number[] = []
    let stride = itemSize
    for (const axis of order) {
      result[axis] = stride
      stride *= shape[axis]! + random.below(spread)
    }
    return result
  }
  const sourceStrides = strides(1 + random.below(3))
  const destinationStrides = strides(5)
  let destinationOffset = random.below(16)
  let reach = itemSize
  for (const [axis, extent] of shape.entries()) reach += (extent - 1) * destinationStrides[axis]!
  for (const [axis, extent] of shape.entries()) {
    if (random.below(4) !== 0) continue
    destinationOffset += (extent - 1) * destinationStrides[axis]!
    destinationStrides[axis] = -destinationStrides[axis]!
  }
  return {
    shape,
    itemSize,
    source,
    sourceOffset: random.below(16),
    sourceStrides,
    destination: new Uint8Array(reach + 32),
    destinationOffset,
    destinationStrides
  }
}

test('boxes of every kind are copied as by core, from inside and outside the kernel', () => {
  const random = new SeededRandom(31)
  const plain = random.bytes(2_000_000)
  const mark = kernel.scratch.mark()
  const place = kernel.scratch.place(plain)
  kernel.scratch.ensureRoom(4_000_000)
  const inside = kernel.scratch.view(place, plain.length)
  for (let round = 0; round < 400; round++) {
    const box = randomBox(random, plain)
    const byCore = new Uint8Array(box.destination.length)
    copyStrided({ ...box, destination: byCore })
    for (const source of [plain, inside]) {
      box.destination.fill(0)
      codecRuntime.copyStrided?.({ ...box, source })
      expect(Buffer.compare(box.destination, byCore)).toBe(0)
    }
    expect(inside.byteLength).toBe(plain.length)
  }
  kernel.scratch.release(mark)
})

test('a large transposed chunk comes through a coder into a reversed volume', async () => {
  const [depth, height, width] = [40, 50, 60]
  const chunk = new SeededRandom(32).bytes(depth * height * width)
  const coder = await codecRuntime.coder({ codecs: [{ id: 'blosc', cname: 'lz4' }], byteLength: chunk.length, itemSize: 1 })
  const encoded = await coder.encode(chunk)
  const volume = new Uint8Array(chunk.length)
  await coder.decode(encoded, (source) => {
    codecRuntime.copyStrided?.({
      shape: [width, height, depth],
      itemSize: 1,
      source,
      sourceOffset: 0,
      sourceStrides: [1, width, width * height],
      destination: volume,
      destinationOffset: 0,
      destinationStrides: [height * depth, depth, 1]
    })
    expect(Buffer.compare(source, chunk)).toBe(0)
  })
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      for (let z = 0; z < depth; z++) {
        if (volume[(x * height + y) * depth + z] !== chunk[(z * height + y) * width + x]) throw new Error(`wrong at ${x}, ${y}, ${z}`)
      }
    }
  }
})
