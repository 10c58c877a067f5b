import type { CodecSpec } from '@bioimage/core'
import { expect, test } from 'vitest'
import '../src/hdf5.js'
import '../src/image.js'
import { codecRuntime, decodeBytes } from '../src/index.js'
import { SeededRandom } from './kernels.js'
import { differenceAt } from './vectors.js'

/** A random lossless codec for chunks of this shape of 1-byte to 8-byte elements. */
function randomCodec(random: SeededRandom, shape: readonly number[], itemSize: number): CodecSpec {
  const pick = <T>(choices: readonly T[]): T => choices[random.below(choices.length)]!
  const integer = `<${pick(['i', 'u'])}${itemSize}`
  return pick<() => CodecSpec>([
    () => ({ id: 'gzip', level: random.below(10) }),
    () => ({ id: 'zlib', level: random.below(10) }),
    () => ({ id: 'deflate', level: random.below(10) }),
    () => ({ id: 'zstd', level: random.below(8) - 2, checksum: random.below(2) === 0 }),
    () => ({ id: 'lz4', framing: pick(['size-prefix', 'block', 'java']), blockSize: pick([64, 1000, 65536]) }),
    () => ({
      id: 'blosc',
      cname: pick(['lz4', 'lz4hc', 'blosclz', 'snappy', 'zlib', 'zstd']),
      clevel: random.below(10),
      shuffle: random.below(4) - 1,
      blocksize: pick([0, 0, 128, 5000]),
      typesize: pick([1, 2, 3, 4, 8, 16, 40, 255])
    }),
    () => ({ id: pick(['crc32', 'crc32c', 'adler32']), location: pick(['start', 'end']) }),
    () => ({ id: 'fletcher32' }),
    () => ({ id: 'shuffle', elementsize: pick([0, 1, 2, 3, 4, 8, 16]) }),
    () => ({ id: 'delta', dtype: integer }),
    () => ({ id: 'delta', dtype: integer.replace('<', '>') }),
    () => ({ id: 'bytes', endian: pick(['big', 'little']) }),
    () => ({ id: 'transpose', shape, order: shape.map((_, axis) => (axis + 1) % shape.length) })
  ])()
}

/** Codecs that keep the number of bytes may stand anywhere; others only behind them, as the length must fit the elements. */
const sizeKeeping = ['shuffle', 'delta', 'bytes', 'transpose']

test('random chains give back what they got', async () => {
  const random = new SeededRandom(51)
  for (let round = 0; round < 300; round++) {
    const itemSize = [1, 2, 4, 8][random.below(4)]!
    const shape = Array.from({ length: 1 + random.below(4) }, () => 1 + random.below(14))
    const chunk = random.bytes(shape.reduce((product, extent) => product * extent, itemSize))
    const codecs = Array.from({ length: random.below(6) }, () => randomCodec(random, shape, itemSize))
    codecs.sort((a, b) => Number(sizeKeeping.includes(b.id)) - Number(sizeKeeping.includes(a.id)))
    const coder = await codecRuntime.coder({ codecs, byteLength: chunk.length, itemSize })
    const encoded = await coder.encode(chunk)
    const kept = encoded.slice()
    const difference = await coder.decode(encoded, (decoded) => differenceAt(decoded, chunk))
    expect(difference, `round ${round}: ${JSON.stringify(codecs)}`).toBe(-1)
    expect(differenceAt(encoded, kept)).toBe(-1)

    // The last codec alone finds the length by itself.
    const last = codecs.at(-1)
    if (last === undefined || sizeKeeping.includes(last.id)) continue
    const inner = await codecRuntime.coder({ codecs: codecs.slice(0, -1), byteLength: chunk.length, itemSize })
    const decoded = await decodeBytes(last, encoded, { maxBytes: chunk.length * 2 + 100_000 })
    expect(differenceAt(decoded, await inner.encode(chunk)), `round ${round}: ${JSON.stringify(last)}`).toBe(-1)
  }
})
