import { type CodecSpec, memoryStore, type Source, type Store, slice, toNested } from '@bioimage/core'
import { type ChunkLocation, type ChunkStorage, type CodecRuntime, chunkedAccess, defineSource } from '@bioimage/core/backend'
import { describe, expect, test } from 'vitest'
import { createChain } from '../src/codec-chain.js'
import { codecRuntime } from '../src/index.js'
import { bothKernels, SeededRandom } from './kernels.js'

interface ShardOptions {
  readonly chunks: readonly number[]
  readonly grid: readonly number[]
  readonly codecs: readonly CodecSpec[]
  readonly axisOrder?: readonly number[]
}

/** Chunks in one object, as shards have them, so that one request fetches neighbours, or in one object each. */
interface Shard {
  readonly store: Store
  readonly places: readonly ChunkLocation[]
}

async function makeShard({ chunks, grid, codecs }: ShardOptions, inOne: boolean, damaged = -1): Promise<Shard> {
  const random = new SeededRandom(11)
  const byteLength = product(chunks) * 4
  const coder = await codecRuntime.coder({ codecs, byteLength, itemSize: 4, shape: chunks })
  const parts: Uint8Array[] = []
  for (let chunk = 0; chunk < product(grid); chunk++) {
    const part = (await coder.encode(random.bytes(byteLength))).slice()
    if (chunk === damaged) part.fill(255)
    parts.push(part)
  }
  if (!inOne) return { store: memoryStore(parts.map((part, at) => [`${at}`, part])), places: parts.map((_, at) => ({ key: `${at}` })) }
  let end = 0
  const places = parts.map(({ byteLength: length }) => {
    end += length
    return { key: 'all', offset: end - length, length }
  })
  return { store: memoryStore([['all', Buffer.concat(parts)]]), places }
}

function openShard({ store, places }: Shard, { chunks, grid, codecs, axisOrder }: ShardOptions, runtime: CodecRuntime): Source<'uint32'> {
  const storage: ChunkStorage = {
    store,
    unitOf: () => 'all',
    // Some are not stored: they end a run.
    locate: (position) => {
      const index = position.reduce((index, at, axis) => index * (grid[axis] ?? 1) + at, 0)
      return index % 11 === 7 ? undefined : places[index]
    }
  }
  // The last chunks along each axis reach beyond the array.
  const shape = chunks.map((length, axis) => length * (grid[axis] ?? 1) - 1)
  const layout = { shape, dtype: 'uint32', chunks, codecs, fill: Uint8Array.of(9, 0, 0, 0), storage, identity: 'shard', axisOrder } as const
  const access = chunkedAccess(layout, runtime, { cache: false })
  return defineSource({ kind: 'sharded', shape, dtype: 'uint32', chunks, writable: false, access })
}

/** The codecs of this package, with their use of `gather` counted, or without it. */
function runtimeWith(gathers: boolean): { readonly runtime: CodecRuntime; readonly lengths: number[] } {
  const lengths: number[] = []
  const runtime: CodecRuntime = {
    ...codecRuntime,
    async coder(coding) {
      const coder = await codecRuntime.coder(coding)
      const { gather } = coder
      return {
        decode: (encoded, use) => coder.decode(encoded, use),
        encode: (decoded) => coder.encode(decoded),
        gather:
          gathers && gather !== undefined
            ? (byteLength, fill, use) => {
                lengths.push(byteLength)
                gather(byteLength, fill, use)
              }
            : undefined
      }
    }
  }
  return { runtime, lengths }
}

function product(lengths: readonly number[]): number {
  return lengths.reduce((product, length) => product * length, 1)
}

const lz4 = { id: 'lz4', framing: 'block' }

describe.each([true, false])('chunks gathered before they are copied, in one object: %s', (inOne) => {
  test.each<[string, ShardOptions, number]>([
    ['rows of 12 bytes', { chunks: [4, 5, 3], grid: [2, 3, 6], codecs: [lz4] }, 4 * 5 * 17 * 4],
    ['four axes', { chunks: [2, 3, 4, 5], grid: [2, 2, 2, 4], codecs: [{ id: 'blosc' }] }, 2 * 3 * 4 * 19 * 4],
    ['two axes and a checksum', { chunks: [40, 64], grid: [3, 20], codecs: [{ id: 'zstd' }, { id: 'crc32c' }] }, 40 * 64 * 4 * 10],
    ['one axis', { chunks: [100], grid: [60], codecs: [{ id: 'shuffle' }, lz4] }, 100 * 4 * 10],
    ['rows that need no gathering', { chunks: [2, 1100], grid: [2, 5], codecs: [lz4] }, 0],
    ['Fortran order', { chunks: [4, 5, 6], grid: [2, 2, 3], codecs: [lz4], axisOrder: [2, 1, 0] }, 0],
    ['a decoder that waits', { chunks: [4, 5, 6], grid: [2, 2, 3], codecs: [{ id: 'gzip' }] }, 0]
  ])('give the same elements as one by one: %s', async (_, options, longest) => {
    const shard = await makeShard(options, inOne)
    const counted = runtimeWith(true)
    const gathered = openShard(shard, options, counted.runtime)
    const alone = openShard(shard, options, runtimeWith(false).runtime)
    const axes = gathered.shape.map(() => slice(null))
    for (const region of [axes, axes.map(() => slice(1, -1)), axes.map(() => slice(null, null, 2))]) {
      expect(toNested(await gathered.get(region))).toEqual(toNested(await alone.get(region)))
    }
    expect(Math.max(0, ...counted.lengths)).toBe(longest)
  })

  test('a damaged chunk is named', async () => {
    const options: ShardOptions = { chunks: [4, 5, 3], grid: [2, 3, 6], codecs: [lz4] }
    const source = openShard(await makeShard(options, inOne, 3), options, codecRuntime)
    await expect(source.get()).rejects.toMatchObject({
      code: 'ERR_CORRUPT_DATA',
      message: expect.stringMatching(/^chunk \(0, 0, 3\), (all|3): /)
    })
  })
})

describe('gathering', () => {
  test('both kernels, at any place, and their memory is free again', async () => {
    const random = new SeededRandom(12)
    for (const kernel of Object.values(await bothKernels())) {
      const chain = await createChain({
        codecs: [{ id: 'shuffle', elementsize: 2 }],
        expected: { max: 600, exact: true },
        itemSize: 2,
        kernel: async () => kernel
      })
      const chunks = [random.bytes(600), random.bytes(600)]
      const encoded = await Promise.all(chunks.map(async (chunk) => (await chain.encode(chunk)).slice()))
      const mark = kernel.scratch.mark()
      let found: Uint8Array | undefined
      const gather = (length = 600): void =>
        chain.gather?.(
          1200,
          (decodeInto) => {
            for (const [at, chunk] of encoded.entries()) {
              // 20 rows of 15 elements, side by side.
              decodeInto(chunk.subarray(0, length), {
                shape: [20, 15],
                itemSize: 2,
                sourceOffset: 0,
                sourceStrides: [30, 2],
                destinationOffset: at * 30,
                destinationStrides: [60, 2]
              })
            }
          },
          (gathered) => {
            found = gathered.slice()
          }
        )
      gather()
      const expected = Array.from({ length: 20 }, (_, row) => chunks.map((chunk) => [...chunk.subarray(row * 30, row * 30 + 30)]))
      expect([...(found ?? [])]).toEqual(expected.flat(2))
      expect(kernel.scratch.mark()).toBe(mark)
      // A chunk of another length is no chunk.
      expect(() => gather(598)).toThrow(expect.objectContaining({ code: 'ERR_CORRUPT_DATA' }))
      expect(kernel.scratch.mark()).toBe(mark)
    }
  })
})
