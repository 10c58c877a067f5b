import { expect, test } from 'vitest'
import { codecRuntime, decodeBytes } from '../src/index.js'
import { SeededRandom } from './kernels.js'
import { differenceAt } from './vectors.js'

const inputs: Record<string, Uint8Array> = {
  ramp: new Uint8Array(Uint16Array.from({ length: 30_001 }, (_, index) => 3000 + 40 * Math.sin(index / 900) + (index % 7)).buffer),
  noise: new SeededRandom(5).bytes(20_000),
  zeros: new Uint8Array(70_000),
  tiny: Uint8Array.of(1, 2, 3, 4, 5, 6)
}

const chains = [
  { id: 'lz4', framing: 'hdf5' },
  { id: 'lz4', framing: 'hdf5', blockSize: 1000 },
  { id: 'bitshuffle', elementsize: 2, compression: 'none' },
  { id: 'bitshuffle', elementsize: 2, compression: 'lz4' },
  { id: 'bitshuffle', elementsize: 4, compression: 'zstd', blockElements: 64 }
]

test.each(chains)('%o gives back what it encoded', async (spec) => {
  for (const [name, data] of Object.entries(inputs)) {
    const coder = await codecRuntime.coder({ codecs: [spec], byteLength: data.length, itemSize: 2 })
    const encoded = (await coder.encode(data)).slice()
    expect(differenceAt(await coder.decode(encoded, (decoded) => decoded.slice()), data), name).toBe(-1)
  }
})

test.each([...chains, { id: 'lzf' }])('%o refuses damaged streams or gives the right length', async (spec) => {
  const random = new SeededRandom(9)
  for (let round = 0; round < 300; round++) {
    const bytes = random.bytes(40)
    // A header that fits, so that the blocks are reached.
    bytes.set([0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 64])
    const outcome = await decodeBytes(spec, bytes, { maxBytes: 256, exactBytes: 256 }).then(
      (decoded) => decoded.byteLength,
      (error) => error.code
    )
    expect([256, 'ERR_CORRUPT_DATA']).toContain(outcome)
  }
})

test('lzf: literals, near and far matches', async () => {
  // Made by hand from the format: 3 literals "abc", a match of 6 at distance 3, one of 9 (7 + 0 + 2) at distance 1.
  const stream = Uint8Array.of(2, 97, 98, 99, (4 << 5) | 0, 2, 7 << 5, 0, 0)
  const decoded = await decodeBytes({ id: 'lzf' }, stream, { maxBytes: 18, exactBytes: 18 })
  expect(new TextDecoder().decode(decoded)).toBe('abcabcabcccccccccc')
})

test('fletcher32 takes swapped sums only when it is told to', async () => {
  const data = new SeededRandom(3).bytes(64)
  const coder = await codecRuntime.coder({ codecs: [{ id: 'fletcher32' }], byteLength: 64, itemSize: 1 })
  const encoded = (await coder.encode(data)).slice()
  const [a = 0, b = 0, c = 0, d = 0] = encoded.slice(64)
  encoded.set([b, a, d, c], 64)
  const accepting = await decodeBytes({ id: 'fletcher32', acceptSwapped: true }, encoded, { maxBytes: 64, exactBytes: 64 })
  expect(differenceAt(accepting, data)).toBe(-1)
  await expect(decodeBytes({ id: 'fletcher32' }, encoded, { maxBytes: 64, exactBytes: 64 })).rejects.toMatchObject({
    code: 'ERR_CORRUPT_DATA'
  })
})
