import { Buffer } from 'node:buffer'
import zstd from '@foxglove/wasm-zstd'
import { beforeAll, describe, expect, it } from 'vitest'
import { zstdFeatures } from './support/zstd-features.js'
import { type KernelExports, loadKernelOver, noise } from './support/zstd-kernel.js'

const tooSmall = -3
const pages = 1600
const memory = new WebAssembly.Memory({ initial: pages })
const memoryEnd = pages * 65536
const bytes = new Uint8Array(memory.buffer)
const workspace = 64
const destination = 32 * 2 ** 20
const guard = 64

let kernel: KernelExports
beforeAll(async () => {
  kernel = await loadKernelOver(memory)
  await zstd.isLoaded
})

/** Encodes a source at the very end of the memory, so that reading beyond it traps, with guards behind destination and workspace. */
function encode(
  content: Uint8Array,
  level: number,
  { checksum = false, capacity = kernel.zstdEncodeBound!(content.length) } = {}
): number | Uint8Array {
  const source = memoryEnd - content.length
  const workspaceEnd = workspace + kernel.zstdEncodeWorkspaceSize!(content.length, level)
  const guards = [0, workspaceEnd, destination - guard, destination + capacity].map((at) => bytes.subarray(at, at + guard))
  for (const area of guards) area.fill(0xa5)
  bytes.set(content, source)
  const result = kernel.zstdEncode!(source, content.length, destination, capacity, level, Number(checksum), workspace)
  for (const area of guards) {
    if (!area.every((value) => value === 0xa5)) throw new Error('A guard was overwritten')
  }
  return result < 0 ? result : bytes.slice(destination, destination + result)
}

/** What the reference library and our own decoder make of what we encode must be the content. */
function roundTrip(content: Uint8Array, level: number, checksum: boolean, title: string): Uint8Array {
  const encoded = encode(content, level, { checksum })
  if (typeof encoded === 'number') throw new Error(`${title}: error ${encoded}`)
  const bySize = kernel.zstdFrameContentSize!(destination, encoded.length)
  if (bySize !== content.length) throw new Error(`${title}: content size ${bySize}`)
  // The reference binding takes no empty buffer.
  if (content.length > 0 && Buffer.compare(zstd.decompress(encoded, content.length), content) !== 0) {
    throw new Error(`${title}: the reference library decodes something else`)
  }
  const target = memoryEnd - content.length
  bytes.fill(0, target)
  const decoded = kernel.zstdDecode!(destination, encoded.length, target, content.length, workspace)
  if (decoded !== content.length || Buffer.compare(bytes.subarray(target), content) !== 0)
    throw new Error(`${title}: our decoder: ${decoded}`)
  return encoded
}

function image(length: number, spread: number): Uint8Array {
  const content = new Uint8Array(length)
  const view = new DataView(content.buffer)
  noise(length >> 1, spread, 7).forEach((value, index) => {
    view.setUint16(index * 2, 2000 + Math.round(700 * Math.sin(index / 400)) + value, true)
  })
  return content
}

/** Runs, repetitions at any distance and noise, by turns. */
function mixture(length: number, seed: number): Uint8Array {
  const content = new Uint8Array(length)
  const choices = noise(length + 16, 65536, seed)
  const wide = noise(length + 16, 256, seed + 1)
  for (let at = 0, turn = 0; at < length; turn++) {
    const run = Math.min(length - at, 1 + (wide[turn]! << (choices[turn]! % 7)))
    const kind = turn % 3
    const distance = 1 + ((wide[turn + 1]! * 251 + choices[turn + 1]!) % Math.max(at, 1))
    for (let end = at + run; at < end; at++)
      content[at] = kind === 0 || at < distance ? wide[at]! : kind === 1 ? turn : content[at - distance]!
  }
  return content
}

const levels = [-5, 0, 1, 2, 3, 4, 5, 7, 9, 12, 22]

describe('encoding', () => {
  it('every short length, of few and of many values', () => {
    for (let length = 0; length <= 600; length++) {
      const level = levels[length % levels.length]!
      for (const values of [1, 3, 40, 256]) {
        roundTrip(noise(length, values, length), level, length % 2 === 0, `${length} of ${values}, level ${level}`)
      }
    }
  })

  it.each(levels)('larger contents at level %i', (level) => {
    for (const length of [4096, 65_791, 131_071, 131_072, 131_073, 400_000]) {
      roundTrip(mixture(length, length), level, true, `mixture of ${length}`)
    }
    roundTrip(image(300_000, 30), level, false, 'image')
    roundTrip(new Uint8Array(500_000).fill(7), level, false, 'one value')
    roundTrip(noise(200_000, 256, 3), level, true, 'noise')
  })

  it('more than the window', () => {
    const content = mixture(9_000_000, 9)
    const encoded = roundTrip(content, 1, true, 'large')
    // Not a single segment: decoders that stream need eight MiB, not all of it.
    expect(encoded[4]! & 0x20).toBe(0)
    expect(encoded[5]).toBe(0x68)
  })

  it('writes all kinds of blocks, literals and tables that it can', () => {
    const contents = [
      mixture(300_000, 1),
      image(300_000, 30),
      noise(500, 256, 1),
      new Uint8Array(300_000),
      noise(3000, 9, 1),
      noise(150, 5, 1)
    ]
    const seen = new Set(contents.flatMap((content) => [...zstdFeatures(roundTrip(content, 3, false, 'kinds'))]))
    // A block of repetitions from the block before, with the same byte between them.
    const repeating = noise(131_072 + 41 * 200, 256, 5)
    for (let at = 131_072, part = 1; at < repeating.length; at += 41, part++) {
      repeating[part * 500 - 1] = repeating[part * 500 + 40] = 0
      repeating.copyWithin(at, part * 500, part * 500 + 40)
      repeating[at + 40] = 0x5a
    }
    for (const feature of zstdFeatures(roundTrip(repeating, 9, false, 'repetitions'))) seen.add(feature)
    for (const feature of ['block raw', 'block rle', 'block compressed', 'literals rle', 'literals one stream', 'literals four streams']) {
      expect(seen).toContain(feature)
    }
    for (const table of ['literal lengths', 'offsets', 'match lengths']) {
      expect(seen).toContain(`${table} described`)
      expect(seen).toContain(`${table} predefined`)
    }
    expect(seen).toContain('match lengths rle')
    expect(seen).toContain('weights coded')
    expect(seen).toContain('weights direct')
  })

  it('stays near the reference library in size', () => {
    for (const content of [image(400_000, 12), image(400_000, 60), mixture(400_000, 4)]) {
      for (const level of [1, 3]) {
        const ours = roundTrip(content, level, false, 'size').length
        expect(ours).toBeLessThan(zstd.compress(content, level).length * 1.05)
      }
    }
  })

  it('never grows a content by more than the bound says, and equal contents give equal bytes', () => {
    const content = noise(400_000, 256, 11)
    const encoded = roundTrip(content, 1, true, 'noise')
    expect(encoded.length).toBeLessThanOrEqual(content.length + 4 * 3 + 9 + 4)
    bytes.fill(0xee, workspace, workspace + 100_000)
    expect(Buffer.compare(roundTrip(content, 1, true, 'again'), encoded)).toBe(0)
  })

  it('refuses destinations that are too small, without writing beyond them', () => {
    const content = mixture(5000, 2)
    const encoded = roundTrip(content, 1, true, 'mixture')
    for (let capacity = 0; capacity < encoded.length; capacity++) expect(encode(content, 1, { checksum: true, capacity })).toBe(tooSmall)
    expect(encode(content, 1, { checksum: true, capacity: encoded.length })).toEqual(encoded)
  })
})
