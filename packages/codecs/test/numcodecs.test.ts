import { Blosc, GZip, LZ4, Zlib, Zstd } from 'numcodecs'
import { expect, test } from 'vitest'
import { codecRuntime, encodeBytes } from '../src/index.js'
import { SeededRandom } from './kernels.js'

// The other direction of the vectors: what we encode, c-blosc, lz4 and zlib (compiled to WebAssembly) must read.

const elements: Record<string, Uint8Array> = {
  ramp: new Uint8Array(Uint16Array.from({ length: 150_000 }, (_, index) => 3000 + 40 * Math.sin(index / 900) + (index % 7)).buffer),
  labels: new Uint8Array(Uint32Array.from({ length: 40_000 }, (_, index) => (index >> 6) * 40_503).buffer),
  doubles: new Uint8Array(Float64Array.from({ length: 9_001 }, (_, index) => Math.round(Math.cos(index / 30) * 100) / 100).buffer),
  mixed: new SeededRandom(21).bytes(100_003),
  noise: Uint8Array.from({ length: 50_000 }, (_, index) => Math.imul(index ^ 0x5bd1e995, 0x9e3779b1) >>> 13),
  zeros: new Uint8Array(70_000),
  few: Uint8Array.from({ length: 200 }, (_, index) => index % 5),
  tiny: Uint8Array.of(1, 2, 3)
}

for (const cname of ['lz4', 'lz4hc', 'blosclz', 'zlib', 'zstd'] as const) {
  test(`c-blosc reads our ${cname} frames`, async () => {
    for (const [name, data] of Object.entries(elements)) {
      for (const shuffle of ['noshuffle', 'shuffle', 'bitshuffle'] as const) {
        for (const [typesize, clevel, blocksize] of [
          [1, 5, 0],
          [2, 1, 0],
          [4, 9, 0],
          [8, 5, 4096],
          [3, 5, 0],
          [16, 7, 0]
        ] as const) {
          const shuffleNumber = { noshuffle: 0, shuffle: 1, bitshuffle: 2 }[shuffle]
          const spec = { id: 'blosc', cname, clevel, shuffle, typesize, blocksize }
          const coder = await codecRuntime.coder({ codecs: [spec], byteLength: data.length, itemSize: typesize })
          const encoded = await coder.encode(data)
          const reference = Blosc.fromConfig({ id: 'blosc', cname, clevel, shuffle: shuffleNumber, blocksize })
          const label = `${name} ${shuffle} ${typesize}`
          expect(Buffer.compare(await reference.decode(encoded), data), label).toBe(0)
          expect(Buffer.compare(await coder.decode(encoded, (decoded) => decoded.slice()), data), label).toBe(0)
          const theirs = await reference.encode(data)
          expect(Buffer.compare(await coder.decode(theirs, (decoded) => decoded.slice()), data), label).toBe(0)
        }
      }
    }
  }, 60_000)
}

// What c-blosc 1.21.7 chose for 300 000 bytes of 4-byte and 6 000 000 bytes of 2-byte elements, by level.
test.each([
  ['lz4', 1, 65536, 65536],
  ['lz4', 2, 131072, 65536],
  ['lz4', 3, 262144, 131072],
  ['lz4', 5, 300000, 262144],
  ['lz4', 9, 300000, 524288],
  ['lz4hc', 1, 131072, 65536],
  ['lz4hc', 3, 300000, 262144],
  ['blosclz', 2, 131072, 65536],
  ['blosclz', 6, 300000, 524288],
  ['zlib', 1, 131072, 65536],
  ['zlib', 2, 262144, 131072],
  ['zlib', 9, 300000, 524288],
  ['zstd', 1, 32768, 32768],
  ['zstd', 5, 262144, 262144],
  ['zstd', 9, 300000, 1048576]
] as const)('blocks of %s at level %i are %i and %i bytes', async (cname, clevel, ofFour, ofTwo) => {
  for (const [byteLength, typesize, expected] of [
    [300_000, 4, ofFour],
    [6_000_000, 2, ofTwo]
  ] as const) {
    const encoded = await encodeBytes({ id: 'blosc', cname, clevel, typesize }, new Uint8Array(byteLength))
    expect(new DataView(encoded.buffer, encoded.byteOffset).getUint32(8, true)).toBe(expected)
  }
})

test('lz4, gzip, zlib and zstd are read by the references', async () => {
  for (const data of Object.values(elements)) {
    for (const [spec, reference] of [
      [{ id: 'lz4' }, LZ4.fromConfig({ id: 'lz4', acceleration: 1 })],
      [{ id: 'gzip', level: 1 }, GZip.fromConfig({ id: 'gzip', level: 1 })],
      [{ id: 'zlib', level: 1 }, Zlib.fromConfig({ id: 'zlib', level: 1 })],
      [{ id: 'zstd', level: 3 }, Zstd.fromConfig({ id: 'zstd', level: 3 })],
      [{ id: 'zstd', level: 9, checksum: true }, Zstd.fromConfig({ id: 'zstd', level: 9 })]
    ] as const) {
      const coder = await codecRuntime.coder({ codecs: [spec], byteLength: data.length, itemSize: 1 })
      expect(Buffer.compare(await reference.decode(await coder.encode(data)), data)).toBe(0)
      const theirs = await reference.encode(data)
      expect(Buffer.compare(await coder.decode(theirs, (decoded) => decoded.slice()), data)).toBe(0)
    }
  }
})
