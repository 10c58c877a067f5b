import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { isSourceError } from '@bioimage/core'
import { describe, expect, test } from 'vitest'
import { type CodecChain, createChain } from '../src/codec-chain.js'
import { NodeZlib } from '../src/codecs/zlib-node.js'
import { Payload } from '../src/payload.js'
import { nodeZlib } from '../src/platform.js'
import { bothKernels, SeededRandom } from './kernels.js'
import { type CodecVector, codecVectors } from './vectors.js'

const { scalar, wasm } = await bothKernels()
const corruptOrUnsupported = ['ERR_CORRUPT_DATA', 'ERR_UNSUPPORTED']

/** Codecs whose checksum covers the data: damage is found, or it is where it does not matter. */
function hasChecksum({ codecs }: CodecVector): boolean {
  const { id, format, checksum } = codecs.at(-1)!
  if (id === 'lzma') return format === 1
  if (id === 'zstd') return checksum === true
  // Blosc and bare deflate, LZMA and LZ4 have none.
  return ['gzip', 'zlib', 'crc32c', 'crc32', 'adler32', 'fletcher32', 'bz2'].includes(id)
}

/** Every cut, and every byte with one bit and with all bits changed. */
function* damages(encoded: Uint8Array): Generator<Uint8Array> {
  for (let length = 0; length < encoded.length; length++) yield encoded.slice(0, length)
  for (let index = 0; index < encoded.length; index++) {
    for (const change of [1 << (index % 8), 0xff]) {
      const damaged = encoded.slice()
      damaged[index]! ^= change
      yield damaged
    }
  }
}

async function attempt(chain: CodecChain, bytes: Uint8Array): Promise<Uint8Array | undefined> {
  try {
    return await chain.decode(bytes, (decoded) => decoded.slice())
  } catch (error) {
    if (!isSourceError(error) || !corruptOrUnsupported.includes(error.code)) throw error
    return undefined
  }
}

const small = codecVectors.filter(({ encoded }) => encoded.length <= 300)

describe.each([
  ['scalar', scalar],
  ['wasm', wasm]
])('damaged streams are refused or harmless, %s kernel', (_, kernel) => {
  test.each(small.map((vector) => [vector.name, vector] as const))('%s', async (_name, vector) => {
    const expected = { max: vector.decoded.length, exact: true }
    const chain = await createChain({ codecs: vector.codecs, expected, itemSize: vector.itemSize, kernel: async () => kernel })
    let refused = 0
    for (const damaged of damages(vector.encoded)) {
      const decoded = await attempt(chain, damaged)
      if (decoded === undefined) refused++
      else {
        expect(decoded.length).toBe(vector.decoded.length)
        if (hasChecksum(vector)) expect(Buffer.compare(decoded, vector.decoded)).toBe(0)
      }
    }
    // A cut is always noticed.
    expect(refused).toBeGreaterThanOrEqual(vector.encoded.length)
    expect(kernel.scratch.bytes.byteLength).toBeLessThan(16 * 2 ** 20)
  })
})

test('the larger vectors survive random damage', async () => {
  const random = new SeededRandom(11)
  for (const vector of codecVectors) {
    if (vector.encoded.length <= 300) continue
    const expected = { max: vector.decoded.length, exact: true }
    const chain = await createChain({ codecs: vector.codecs, expected, itemSize: vector.itemSize, kernel: async () => wasm })
    for (let round = 0; round < 60; round++) {
      const damaged = vector.encoded.slice()
      const changes = 1 + random.below(3)
      for (let change = 0; change < changes; change++) damaged[random.below(damaged.length)] = random.below(256)
      const decoded = await attempt(chain, damaged)
      if (decoded === undefined) continue
      expect(decoded.length).toBe(vector.decoded.length)
      if (hasChecksum(vector)) expect(Buffer.compare(decoded, vector.decoded)).toBe(0)
    }
  }
  expect(wasm.scratch.bytes.byteLength).toBeLessThan(16 * 2 ** 20)
})

test.each([
  ['gzip', gzipSync],
  ['zlib', deflateSync],
  ['deflate', deflateRawSync]
] as const)(
  '%s by node:zlib refuses the same as the kernel',
  async (format, encode) => {
    const zlib = nodeZlib()
    if (zlib === undefined) throw new Error('These tests run in Node')
    const node = new NodeZlib(zlib, format, 1)
    const input = new SeededRandom(12).bytes(900)
    const expected = { max: input.length, exact: true }
    const chain = await createChain({ codecs: [{ id: format }], expected, itemSize: 1, kernel: async () => wasm })
    const encoded = new Uint8Array(encode(input))
    for (const damaged of damages(encoded)) {
      const byNode = await node.decode(Payload.of(damaged), expected).then(
        (payload) => (payload.byteLength === input.length ? payload.lasting() : undefined),
        (error: unknown) => {
          if (!isSourceError(error, 'ERR_CORRUPT_DATA')) throw error
          return undefined
        }
      )
      const byKernel = await attempt(chain, damaged)
      expect(byNode === undefined).toBe(byKernel === undefined)
      if (byNode !== undefined && byKernel !== undefined) expect(Buffer.compare(byNode, byKernel)).toBe(0)
    }
  },
  60_000
)

test.each([
  ['gzip', gzipSync],
  ['zlib', deflateSync],
  ['deflate', deflateRawSync]
] as const)('%s: bombs, rests and short streams are refused at every size', async (id, encode) => {
  for (const length of [1000, 400_000]) {
    const input = new SeededRandom(13).bytes(length)
    const encoded = new Uint8Array(encode(input))
    const decode = async (bytes: Uint8Array, byteLength: number): Promise<Uint8Array> => {
      const chain = await createChain({ codecs: [{ id }], expected: { max: byteLength, exact: true }, itemSize: 1 })
      return chain.decode(bytes, (decoded) => decoded.slice())
    }
    expect(Buffer.compare(await decode(encoded, length), input)).toBe(0)
    expect(Buffer.compare(await decode(Uint8Array.from([...encoded, 0, 0, 0]), length), input)).toBe(0)
    await expect(decode(Uint8Array.from([...encoded, 0, 1]), length)).rejects.toMatchObject({ code: 'ERR_CORRUPT_DATA' })
    await expect(decode(encoded, length - 1)).rejects.toMatchObject({ code: 'ERR_CORRUPT_DATA' })
    await expect(decode(encoded, length + 1)).rejects.toMatchObject({ code: 'ERR_CORRUPT_DATA' })
    await expect(decode(encoded.subarray(0, -1), length)).rejects.toMatchObject({ code: 'ERR_CORRUPT_DATA' })
    await expect(decode(new Uint8Array(0), length)).rejects.toMatchObject({ code: 'ERR_CORRUPT_DATA' })
    await expect(decode(encoded, 0)).rejects.toMatchObject({ code: 'ERR_CORRUPT_DATA' })
  }
  const bomb = new Uint8Array(encode(new Uint8Array(50_000_000)))
  const chain = await createChain({ codecs: [{ id }], expected: { max: 5000, exact: true }, itemSize: 1, kernel: async () => wasm })
  await expect((async () => chain.decode(bomb, () => undefined))()).rejects.toThrow(/longer than the 5000 bytes expected/)
})
