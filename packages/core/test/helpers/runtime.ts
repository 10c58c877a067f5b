import type { ChunkCoder, CodecRuntime } from '../../src/backend.js'
import { SourceError } from '../../src/index.js'

type Step = (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>

/** A codec library small enough to be obviously right. */
export interface TestRuntime extends CodecRuntime {
  /** Chunks decoded so far. */
  decoded: number
  encoded: number
}

/**
 * Codecs: `xor` (key); `late` (xor, after a turn of the event loop); `frame` (four bytes before the data, and as many behind
 * as the first of them says); `bytes` (byte order, as the engine asks for it); `short` (decodes to too little); `broken`.
 */
export function testRuntime(): TestRuntime {
  const runtime: TestRuntime = {
    decoded: 0,
    encoded: 0,
    async coder({ codecs, byteLength }): Promise<ChunkCoder> {
      const steps = codecs.map(({ id, key = 0x5a, itemSize = 1 }) => makeStep(id, Number(key), Number(itemSize)))
      return {
        async decode(encoded, use) {
          let bytes: Uint8Array = encoded
          for (const { decode } of steps.toReversed()) bytes = await decode(bytes)
          runtime.decoded++
          if (bytes.byteLength !== byteLength && !codecs.some(({ id }) => id === 'short')) {
            throw new SourceError('ERR_CORRUPT_DATA', `${bytes.byteLength} bytes came out, expected ${byteLength}`)
          }
          return use(bytes)
        },
        async encode(decoded) {
          let bytes: Uint8Array = decoded
          for (const { encode } of steps) bytes = await encode(bytes)
          runtime.encoded++
          return bytes
        }
      }
    }
  }
  return runtime
}

function makeStep(id: string, key: number, itemSize: number): { decode: Step; encode: Step } {
  const xor: Step = (bytes) => bytes.map((byte) => byte ^ key)
  switch (id) {
    case 'xor':
      return { decode: xor, encode: xor }
    case 'late': {
      const late: Step = async (bytes) => {
        await new Promise((resolve) => setImmediate(resolve))
        return xor(bytes)
      }
      return { decode: late, encode: late }
    }
    case 'frame':
      return {
        decode: (bytes) => bytes.slice(4, bytes.byteLength - (bytes[0] ?? 0)),
        encode: (bytes) => {
          const trailer = (bytes[0] ?? 0) % 16
          const framed = new Uint8Array(4 + bytes.byteLength + trailer)
          framed[0] = trailer
          framed.set(bytes, 4)
          return framed
        }
      }
    case 'bytes': {
      const swap: Step = (bytes) => {
        const swapped = Uint8Array.from(bytes)
        for (let at = 0; at + itemSize <= swapped.length; at += itemSize) swapped.subarray(at, at + itemSize).reverse()
        return swapped
      }
      return { decode: swap, encode: swap }
    }
    case 'short':
      return { decode: (bytes) => bytes.subarray(1), encode: (bytes) => bytes }
    case 'broken': {
      const fail = (): never => {
        throw new RangeError('this codec is broken')
      }
      return { decode: fail, encode: fail }
    }
    default:
      throw new SourceError('ERR_UNSUPPORTED', `codec ${id} is unknown`)
  }
}
