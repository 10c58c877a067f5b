import type { CodecSpec } from '@bioimage/core'
import { describe, expect, test } from 'vitest'
import '../src/hdf5.js'
import '../src/image.js'
import { createChain } from '../src/codec-chain.js'
import { canEncode, codecRuntime, decodeBytes, encodeBytes } from '../src/index.js'
import { createScalarKernel, createWasmKernel } from '../src/kernel/kernel.js'
import { nodeZlib } from '../src/platform.js'
import jxlVectors from './fixtures/jxl-vectors.json' with { type: 'json' }
import { codecVectors, differenceAt } from './vectors.js'

test('this is a browser: WebAssembly with SIMD, and nothing of Node', async () => {
  expect(await createWasmKernel()).toBeDefined()
  expect(nodeZlib()).toBeUndefined()
})

/** Blosc's own zlib streams can only be written with node:zlib. */
const needsNode = (spec: CodecSpec): boolean => spec.cname === 'zlib'

describe('vectors of numcodecs', () => {
  test.each(codecVectors.map((vector) => [vector.name, vector] as const))('%s', async (_name, vector) => {
    const { codecs, itemSize, encoded, decoded, original } = vector
    const coder = await codecRuntime.coder({ codecs, byteLength: decoded.byteLength, itemSize })
    expect(await coder.decode(encoded, (bytes) => differenceAt(bytes, decoded))).toBe(-1)
    if (!codecs.every((spec) => canEncode(spec.id) && !needsNode(spec))) return
    const again = await coder.encode(original)
    expect(await coder.decode(again, (bytes) => differenceAt(bytes, decoded))).toBe(-1)
  })
})

test('the scalar kernel runs here too', async () => {
  const kernel = await createScalarKernel()
  for (const { name, codecs, itemSize, encoded, decoded } of codecVectors) {
    if (JSON.stringify(codecs).includes('zstd')) continue
    const chain = await createChain({ codecs, expected: { max: decoded.length, exact: true }, itemSize, kernel: async () => kernel })
    expect(await chain.decode(encoded, (bytes) => differenceAt(bytes, decoded)), name).toBe(-1)
  }
})

test.each(['gzip', 'zlib', 'deflate'])('%s: large streams, of known and unknown length', async (id) => {
  const bytes = Uint8Array.from({ length: 2_000_000 }, (_, index) => Math.imul(index >> 3, 2_654_435_761) >>> 27)
  const encoded = await encodeBytes({ id }, bytes)
  expect(encoded.length).toBeLessThan(bytes.length / 2)
  expect(differenceAt(await decodeBytes({ id }, encoded, { maxBytes: 0, exactBytes: bytes.length }), bytes)).toBe(-1)
  expect(differenceAt(await decodeBytes({ id }, encoded, { maxBytes: 2 ** 40 }), bytes)).toBe(-1)
  await expect(decodeBytes({ id }, encoded, { maxBytes: bytes.length - 1 })).rejects.toMatchObject({ code: 'ERR_CORRUPT_DATA' })
  await expect(decodeBytes({ id }, encoded.subarray(0, -3), { maxBytes: 2 ** 40 })).rejects.toMatchObject({ code: 'ERR_CORRUPT_DATA' })
})

test('blosc with zlib says what to use instead', async () => {
  const bytes = new Uint8Array(1000)
  await expect(encodeBytes({ id: 'blosc', cname: 'zlib' }, bytes)).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
})

test.each(jxlVectors)('JPEG XL, $name', async ({ encoded, decoded, tolerance }) => {
  const bytesOf = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  const expected = bytesOf(decoded)
  const found = await decodeBytes({ id: 'jxl' }, bytesOf(encoded), { maxBytes: expected.length, exactBytes: expected.length })
  expect(Math.max(...expected.map((value, at) => Math.abs(value - (found[at] ?? -1000))))).toBeLessThanOrEqual(tolerance)
})
