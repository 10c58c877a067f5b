import { describe, expect, test } from 'vitest'
import '../src/image.js'
import { createChain } from '../src/codec-chain.js'
import { seededWords } from './support/seeded-words.js'

// Words from the documentation and the tests of the format's other implementations: x fastest.
const cases: readonly {
  readonly name: string
  readonly itemSize: 4 | 8
  readonly size: readonly [number, number, number]
  readonly channels?: number
  readonly blockSize: readonly [number, number, number]
  readonly labels: readonly (number | bigint)[]
  readonly words: readonly number[]
}[] = [
  { name: 'one label', itemSize: 8, size: [2, 2, 1], blockSize: [2, 2, 1], labels: [3n, 3n, 3n, 3n], words: [1, 2, 2, 3, 0] },
  {
    name: 'a block larger than the volume',
    itemSize: 8,
    size: [2, 2, 1],
    blockSize: [3, 2, 1],
    labels: [4n, 3n, 4n, 3n],
    words: [1, 16777219, 2, 9, 3, 0, 4, 0]
  },
  {
    name: 'shared tables',
    itemSize: 8,
    size: [2, 2, 4],
    blockSize: [2, 2, 1],
    labels: new Array(16).fill(3n),
    words: [1, 8, 8, 8, 10, 8, 10, 8, 10, 3, 0]
  },
  {
    name: 'labels sorted as 64-bit numbers',
    itemSize: 8,
    size: [4, 1, 1],
    blockSize: [4, 1, 1],
    labels: [2n ** 32n, 1n, 2n ** 64n - 1n, 2n ** 32n - 1n],
    words: [1, 33554435, 2, 114, 1, 0, 4294967295, 0, 0, 1, 4294967295, 4294967295]
  },
  {
    name: 'indices narrower than a word',
    itemSize: 4,
    size: [1, 1, 1],
    blockSize: [8, 8, 8],
    labels: [4294967295],
    words: [1, 2, 2, 4294967295]
  }
]

const bytesOf = (itemSize: 4 | 8, labels: readonly (number | bigint)[]): Uint8Array => {
  const array = itemSize === 4 ? Uint32Array.from(labels, Number) : BigUint64Array.from(labels, BigInt)
  return new Uint8Array(array.buffer)
}

const chainFor = (itemSize: number, size: readonly number[], blockSize: readonly number[], channels = 1) => {
  const shape = [channels, ...size.toReversed()]
  const max = shape.reduce((product, length) => product * length, itemSize)
  return createChain({ codecs: [{ id: 'compressed_segmentation', blockSize }], expected: { max, exact: true }, itemSize, shape })
}

describe('compressed_segmentation', () => {
  test.each(cases.map((each) => [each.name, each] as const))('%s', async (_, { itemSize, size, blockSize, labels, words, channels }) => {
    const chain = await chainFor(itemSize, size, blockSize, channels)
    const decoded = bytesOf(itemSize, labels)
    const encoded = new Uint8Array(Uint32Array.from(words).buffer)
    expect(new Uint8Array(await chain.encode(decoded))).toEqual(encoded)
    expect(await chain.decode(encoded, (view) => view.slice())).toEqual(decoded)
  })

  test('what the stream ends too early for, or points outside it, is damaged', async () => {
    const chain = await chainFor(8, [2, 2, 2], [2, 2, 1])
    const good = [1, 33554437, 4, 16777228, 11, 97, 3, 0, 4, 0, 5, 0, 14, 1, 0, 3, 0]
    const damaged: readonly (readonly number[])[] = [
      [],
      [99, ...good.slice(1)],
      good.slice(0, 4),
      good.with(1, 3 << 24),
      good.with(2, 1000),
      good.with(1, 33554437 + 10),
      good.slice(0, -3)
    ]
    for (const words of damaged) {
      const bytes = new Uint8Array(Uint32Array.from(words).buffer)
      await expect(async () => chain.decode(bytes, (view) => view.slice()), JSON.stringify(words)).rejects.toMatchObject({
        code: 'ERR_CORRUPT_DATA'
      })
    }
    await expect(async () => chain.decode(new Uint8Array(7), () => 0)).rejects.toThrow(/whole words/)
  })

  test('random volumes come back, whatever the shapes of blocks and volume', async () => {
    const random = seededWords(7)
    for (let round = 0; round < 60; round++) {
      const itemSize = round % 2 === 0 ? 4 : 8
      const size = [1 + (random() % 20), 1 + (random() % 20), 1 + (random() % 12)] as const
      const blockSize = [1 + (random() % 9), 1 + (random() % 9), 1 + (random() % 9)]
      const channels = 1 + (random() % 2)
      const distinct = 1 + (random() % 40)
      const labels = Array.from({ length: distinct }, () => (itemSize === 4 ? random() : (BigInt(random()) << 32n) | BigInt(random())))
      const decoded = bytesOf(
        itemSize,
        Array.from({ length: channels * size[0] * size[1] * size[2] }, () => labels[random() % distinct] ?? 0)
      )
      const chain = await chainFor(itemSize, size, blockSize, channels)
      const encoded = await chain.encode(decoded)
      expect(await chain.decode(encoded, (view) => view.slice())).toEqual(decoded)
    }
  })

  test('refuses to write blocks that other readers take for something else', async () => {
    const size = [64, 64, 32] as const
    const chain = await chainFor(4, size, size)
    const labels = new Uint8Array(Uint32Array.from({ length: 64 * 64 * 32 }, (_, index) => index).buffer)
    await expect(async () => chain.encode(labels)).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
  })
})
