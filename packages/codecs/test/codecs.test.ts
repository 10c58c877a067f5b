import { describe, expect, test } from 'vitest'
import '../src/hdf5.js'
import '../src/image.js'
import { createChain } from '../src/codec-chain.js'
import { canEncode } from '../src/index.js'
import { createScalarKernel, createWasmKernel, type Kernel } from '../src/kernel/kernel.js'
import { type CodecVector, codecVectors, differenceAt } from './vectors.js'

const wasm = await createWasmKernel()
const kernels: [string, Kernel][] = [['scalar', await createScalarKernel()]]
if (wasm !== undefined) kernels.push(['wasm', wasm])

test('the runtime of the tests has WebAssembly SIMD', () => {
  expect(wasm).toBeDefined()
})

describe.each(kernels)('vectors of numcodecs, %s kernel', (kernelName, kernel) => {
  test.each(codecVectors.map((vector) => [vector.name, vector] as const))('%s', async (_name, vector) => {
    const { codecs, itemSize, encoded, decoded, original } = vector
    const expected = { max: decoded.byteLength, exact: true }
    const chain = await createChain({ codecs, expected, itemSize, kernel: async () => kernel })
    const decode = async (bytes: Uint8Array) => chain.decode(bytes, (view) => view.slice())
    if (kernelName === 'scalar' && needsZstd(vector)) {
      await expect(decode(encoded)).rejects.toThrow(/zstd needs WebAssembly/)
      return
    }
    expect(differenceAt(await decode(encoded), decoded)).toBe(-1)
    if (!codecs.every(({ id }) => canEncode(id))) return
    if (kernelName === 'scalar' && codecs.some(({ cname }) => cname === 'zstd')) return
    const again = await chain.encode(original)
    expect(differenceAt(await decode(again), decoded)).toBe(-1)
    if (codecs.every(({ id }) => !compressors.includes(id)) && !isDecodeOnly(vector)) expect(differenceAt(again, encoded)).toBe(-1)
  })
})

// Their encodings depend on the encoder; all others are determined.
const compressors = ['blosc', 'gzip', 'zlib', 'deflate', 'zstd', 'lz4', 'bz2', 'lzma']

/** What a lossy encoding decodes to is not always encoded to the same bytes again. */
function isDecodeOnly({ name }: CodecVector): boolean {
  return name.includes('decode only')
}

/** Whether decoding meets zstd. Incompressible Blosc frames are stored, whatever they are called. */
function needsZstd({ codecs, encoded }: CodecVector): boolean {
  return codecs.some(({ id, cname }) => id === 'zstd' || (cname === 'zstd' && ((encoded[2] ?? 0) & 2) === 0))
}
