import { expect, test } from 'vitest'
import '../src/image.js'
import { createChain } from '../src/codec-chain.js'
import { canEncode, codecRuntime, decodeBytes, encodeBytes } from '../src/index.js'
import vectors from './fixtures/tiff-codec-vectors.json' with { type: 'json' }
import { bothKernels, SeededRandom } from './kernels.js'
import { differenceAt } from './vectors.js'

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
const exactly = (length: number): { maxBytes: number; exactBytes: number } => ({ maxBytes: length, exactBytes: length })
const kernels = Object.entries(await bothKernels())

test.each(vectors)('$name: as the reference library has it, in both kernels', async ({ codec, decoded, encoded }) => {
  const expected = bytesOf(decoded)
  for (const [name, kernel] of kernels) {
    const chain = await createChain({
      codecs: [codec],
      expected: { max: expected.length, exact: true },
      itemSize: undefined,
      kernel: async () => kernel
    })
    expect(differenceAt(await chain.decodeAll(bytesOf(encoded)), expected), name).toBe(-1)
    if (!canEncode(codec.id)) continue
    const back = await chain.decodeAll((await chain.encode(expected)).slice())
    expect(differenceAt(back, expected), name).toBe(-1)
  }
})

test('predictors encode to the bytes of the reference library', async () => {
  for (const { codec, decoded, encoded, name } of vectors.filter(({ codec }) => codec.id === 'tiff_predictor')) {
    expect(differenceAt(await encodeBytes(codec, bytesOf(decoded)), bytesOf(encoded)), name).toBe(-1)
  }
})

test('lzw gives back anything, over several fillings of its table', async () => {
  const random = new SeededRandom(4)
  for (const data of [random.bytes(200_000), new Uint8Array(100_000), Uint8Array.from({ length: 60_000 }, () => random.below(256))]) {
    const encoded = await encodeBytes({ id: 'lzw' }, data)
    expect(differenceAt(await decodeBytes({ id: 'lzw' }, encoded, exactly(data.length)), data)).toBe(-1)
    // What is behind the due length is not looked at.
    const part = await decodeBytes({ id: 'lzw' }, encoded, exactly(1000))
    expect(differenceAt(part, data.subarray(0, 1000))).toBe(-1)
  }
})

test.each(['lzw', 'tiff_packbits'])('%s: damaged streams are refused or have the right length', async (id) => {
  const random = new SeededRandom(8)
  for (let round = 0; round < 500; round++) {
    const bytes = random.bytes(1 + random.below(60))
    if (id === 'lzw') bytes[0] = 0x80
    const outcome = await decodeBytes({ id }, bytes, exactly(300)).then(
      (decoded) => decoded.byteLength,
      (error) => error.code
    )
    expect([300, 'ERR_CORRUPT_DATA']).toContain(outcome)
  }
  await expect(decodeBytes({ id }, Uint8Array.of(0x80, 1), exactly(2 ** 40))).rejects.toThrow(/cannot hold/)
})

test('lzw reads the old bit order', async () => {
  // Clear, "a", 258 = "aa", 259 = "aaa", "b", end: codes of 9 bits, the lowest first.
  const codes = [256, 97, 258, 259, 98, 257]
  const stream = new Uint8Array(7)
  for (const [index, code] of codes.entries()) {
    for (let bit = 0; bit < 9; bit++) stream[(index * 9 + bit) >> 3]! |= ((code >> bit) & 1) << ((index * 9 + bit) & 7)
  }
  expect(new TextDecoder().decode(await decodeBytes({ id: 'lzw' }, stream, exactly(7)))).toBe('aaaaaab')
})

test('truncate drops what a stream holds behind the chunk, and no more than was told', async () => {
  const data = new SeededRandom(3).bytes(3000)
  const encoded = await encodeBytes({ id: 'zlib' }, data)
  const coderFor = (byteLength: number) =>
    codecRuntime.coder({ codecs: [{ id: 'truncate', byteLength }, { id: 'zlib' }], byteLength: 1000, itemSize: 1 })
  const decoded = await (await coderFor(3000)).decode(encoded, (bytes) => bytes.slice())
  expect(differenceAt(decoded, data.subarray(0, 1000))).toBe(-1)
  await expect((async () => (await coderFor(2000)).decode(encoded, () => 0))()).rejects.toMatchObject({ code: 'ERR_CORRUPT_DATA' })
})

test('fill order turns the bits of every byte', async () => {
  const turned = await decodeBytes({ id: 'fill_order' }, Uint8Array.of(0x01, 0xa0, 0xff, 0x36), exactly(4))
  expect([...turned]).toEqual([0x80, 0x05, 0xff, 0x6c])
})

test('zlib takes bytes behind the stream only when it is told to', async () => {
  for (const length of [100, 300_000]) {
    const data = new SeededRandom(3).bytes(length)
    const encoded = Uint8Array.from([...(await encodeBytes({ id: 'zlib' }, data)), 1, 2, 3])
    const decoded = await decodeBytes({ id: 'zlib', ignoreTrailing: true }, encoded, exactly(length))
    expect(differenceAt(decoded, data)).toBe(-1)
    await expect(decodeBytes({ id: 'zlib' }, encoded, exactly(length))).rejects.toMatchObject({ code: 'ERR_CORRUPT_DATA' })
  }
})
