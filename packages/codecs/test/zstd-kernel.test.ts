import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import zstd from '@foxglove/wasm-zstd'
import { beforeAll, describe, expect, it } from 'vitest'
import { zstdFeatures } from './support/zstd-features.js'
import { type KernelExports, loadKernelOver, noise } from './support/zstd-kernel.js'

interface Stream {
  readonly stream: string
  readonly length?: number
  readonly sha256?: string
  readonly error?: 'corrupt' | 'truncated' | 'checksum' | 'dictionary'
}

const errors = { corrupt: -1, truncated: -2, tooSmall: -3, checksum: -4, dictionary: -5 } as const
const streams: Record<string, Stream> = JSON.parse(readFileSync(new URL('fixtures/zstd-streams.json', import.meta.url), 'utf8'))
const fixtures = Object.entries(streams).map(([name, entry]) => ({ name, ...entry, bytes: Buffer.from(entry.stream, 'base64') }))
const good = fixtures.filter((fixture) => fixture.error === undefined)

const pages = 256
const memory = new WebAssembly.Memory({ initial: pages })
const memoryEnd = pages * 65536
const bytes = new Uint8Array(memory.buffer)

let kernel: KernelExports
beforeAll(async () => {
  kernel = await loadKernelOver(memory)
  await zstd.isLoaded
})

const guard = 64

/**
 * Decodes with guard bytes close around every area; one of the areas ends where the memory ends, so that any access beyond it traps.
 * The guards must survive.
 */
function decode(source: Uint8Array, capacity: number, last: 'source' | 'destination', guardByte = 0xa5): number | Uint8Array {
  const workspaceSize = kernel.zstdWorkspaceSize!()
  const workspace = guard
  const [first, second] = last === 'source' ? [capacity, source.length] : [source.length, capacity]
  const secondAt = memoryEnd - second
  const firstAt = secondAt - guard - first
  if (firstAt < workspace + workspaceSize + guard) throw new RangeError('The test memory is too small')
  const [sourceAt, destinationAt] = last === 'source' ? [secondAt, firstAt] : [firstAt, secondAt]
  const guards = [0, workspace + workspaceSize, firstAt - guard, firstAt + first].map((at) => bytes.subarray(at, at + guard))
  for (const area of guards) area.fill(guardByte)
  bytes.set(source, sourceAt)
  const result = kernel.zstdDecode!(sourceAt, source.length, destinationAt, capacity, workspace)
  for (const area of guards) {
    if (!area.every((value) => value === guardByte)) throw new Error('A guard was overwritten')
  }
  if (Buffer.compare(bytes.subarray(sourceAt, sourceAt + source.length), source) !== 0) throw new Error('The source was overwritten')
  return result < 0 ? result : bytes.slice(destinationAt, destinationAt + result)
}

function hash(content: number | Uint8Array): string | number {
  return typeof content === 'number' ? content : createHash('sha256').update(content).digest('hex')
}

describe('decoding what the reference library wrote', () => {
  it.each(good)('$name', ({ bytes: stream, length = 0, sha256 }) => {
    expect(hash(decode(stream, length, 'source'))).toBe(sha256)
    expect(hash(decode(stream, length, 'destination'))).toBe(sha256)
    expect(hash(decode(stream, length + 1000, 'source'))).toBe(sha256)
  })

  it.each(fixtures.filter((fixture) => fixture.error !== undefined))('$name', ({ bytes: stream, error }) => {
    expect(decode(stream, 10_000, 'source')).toBe(errors[error ?? 'corrupt'])
  })

  it('these streams hold every kind of block, literals and table', () => {
    const seen = new Set(good.flatMap(({ bytes: stream }) => [...zstdFeatures(stream)]))
    const kinds = ['predefined', 'rle', 'described', 'repeated']
    expect([...seen].sort()).toEqual(
      [
        ...['raw', 'rle', 'compressed'].map((kind) => `block ${kind}`),
        ...['raw', 'rle', 'one stream', 'four streams', 'treeless'].map((kind) => `literals ${kind}`),
        ...['direct', 'coded'].map((kind) => `weights ${kind}`),
        ...['literal lengths', 'offsets', 'match lengths'].flatMap((table) => kinds.map((kind) => `${table} ${kind}`)),
        'no sequences'
      ].sort()
    )
  })

  it('sizes around the steps of the copies, at several levels', () => {
    for (const level of [-3, 1, 3, 12]) {
      for (let length = 0; length < 700; length += length < 80 ? 1 : 23) {
        for (const values of [2, 19, 256]) {
          const content = noise(length, values, length + values)
          const stream = zstd.compress(content, level)
          const decoded = decode(stream, length, 'destination')
          expect(typeof decoded === 'number' ? decoded : Buffer.compare(decoded, content), `${length} of ${values}, level ${level}`).toBe(0)
        }
      }
    }
  })

  it('image-like data of several blocks at all usual levels', () => {
    const content = new Uint8Array(600_000)
    const values = noise(content.length / 2, 24, 5)
    const view = new DataView(content.buffer)
    values.forEach((value, index) => {
      view.setUint16(index * 2, 900 + Math.round(300 * Math.sin(index / 90)) + value, true)
    })
    for (const level of [-7, -1, 1, 2, 3, 5, 9, 15, 19]) {
      const decoded = decode(zstd.compress(content, level), content.length, 'destination')
      expect(typeof decoded === 'number' ? decoded : Buffer.compare(decoded, content), `level ${level}`).toBe(0)
    }
  })
})

describe('sizes told before decoding', () => {
  const at = 1024
  const place = (stream: Uint8Array): [number, number] => {
    bytes.set(stream, at)
    return [at, stream.length]
  }

  it.each(good)('$name', ({ bytes: stream, length = 0 }) => {
    const bound = kernel.zstdDecodedBound!(...place(stream))
    expect(bound).toBeGreaterThanOrEqual(length)
    expect(bound).toBeLessThanOrEqual(length + 8 * 131072)
  })

  it('content sizes come from the header, unknown ones are said to be', () => {
    const size = (name: string): number => kernel.zstdFrameContentSize!(...place(good.find((fixture) => fixture.name === name)!.bytes))
    expect(size('text, level 3')).toBe(3331)
    expect(size('one byte')).toBe(1)
    expect(size('several full blocks')).toBe(299340)
    expect(size('skippable frames')).toBe(300)
    expect(size('only a skippable frame')).toBe(0)
    expect(size('no content size')).toBe(-16)
    expect(kernel.zstdFrameContentSize!(...place(Buffer.from('28b52ffd', 'hex')))).toBe(errors.truncated)
    expect(kernel.zstdFrameContentSize!(...place(Buffer.from('not zstandard')))).toBe(errors.corrupt)
  })
})

describe('damaged and hostile streams', () => {
  const small = good.filter(({ bytes: stream }) => stream.length <= 1200)

  it('a destination that is too small is refused', () => {
    for (const { bytes: stream, length = 0 } of small) {
      for (let capacity = 0; capacity < length; capacity += length < 700 ? 1 : Math.ceil(length / 100)) {
        expect(decode(stream, capacity, 'destination')).toBe(errors.tooSmall)
      }
    }
  })

  it('every truncation is an error', () => {
    for (const { name, bytes: stream, length = 0 } of small) {
      if (name === 'three frames' || name.includes('skippable')) continue
      for (let end = 0; end < stream.length; end++) {
        expect(decode(stream.subarray(0, end), length, 'source'), `${name} cut at ${end}`).toBe(errors.truncated)
      }
    }
  })

  it('every changed byte gives an error or bytes within the capacity, whatever lies around the buffers', () => {
    let refused = 0
    let decoded = 0
    for (const { name, bytes: stream, length = 0 } of small) {
      const capacity = Math.min(length, 10_000)
      for (let position = 0; position < stream.length; position++) {
        for (const change of [0x01, 0x80, 0xff, 1 << (position & 7)]) {
          const damaged = Uint8Array.from(stream)
          damaged[position]! ^= change
          const result = decode(damaged, capacity, 'source', 0x00)
          const again = decode(damaged, capacity, 'destination', 0xff)
          if (hash(result) !== hash(again)) throw new Error(`${name}, byte ${position} changed: the result depends on foreign bytes`)
          if (typeof result === 'number') refused += 1
          else decoded += 1
        }
      }
    }
    expect(refused).toBeGreaterThan(1000)
    expect(decoded).toBeGreaterThan(0)
  })

  it('a changed byte below a checksum never goes unnoticed', () => {
    const stream = good.find((fixture) => fixture.name === 'checksum')!
    for (let position = 0; position < stream.bytes.length; position++) {
      const damaged = Uint8Array.from(stream.bytes)
      damaged[position]! ^= 0x10
      const result = decode(damaged, 10_000, 'source')
      // Some bits, like the unused one of the frame header, may change without effect.
      if (typeof result !== 'number') expect(hash(result)).toBe(stream.sha256)
      else expect(result).toBeLessThan(0)
    }
  })

  it('random bytes behind a valid header', () => {
    const header = Buffer.from('28b52ffd6010270000', 'hex').subarray(0, 7)
    for (let seed = 1; seed < 3000; seed++) {
      const body = noise(20 + (seed % 300), 256, seed)
      const block = (body.length << 3) | 5
      const stream = Buffer.concat([header, Uint8Array.of(block & 0xff, (block >> 8) & 0xff, block >> 16), body])
      const result = decode(stream, 10_256, 'source')
      if (typeof result !== 'number') expect(result.length).toBe(10_256)
      else expect(result).toBeLessThan(0)
    }
  })
})
