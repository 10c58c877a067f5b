import type { CodecSpec } from '@bioimage/core'
import { createChain } from './codec-chain.js'
import { invalid } from './codec-errors.js'
import type { DecodeLimits } from './custom-codec.js'

/**
 * Decodes a whole stream with one codec.
 *
 * @throws ERR_CORRUPT_DATA if the stream is damaged, longer than `maxBytes`, or not of `exactBytes`; ERR_UNSUPPORTED for an
 * unknown codec; ERR_INVALID_ARGUMENT for an option of the wrong type.
 */
export async function decodeBytes(codec: CodecSpec, bytes: Uint8Array, limits: DecodeLimits): Promise<Uint8Array> {
  const max = limits.exactBytes ?? limits.maxBytes
  if (!Number.isSafeInteger(max) || max < 0) throw invalid(codec.id, `the limit is ${max}, expected a number of bytes`)
  const expected = { max, exact: limits.exactBytes !== undefined, likely: limits.likelyBytes }
  const chain = await createChain({ codecs: [codec], expected, itemSize: undefined })
  return chain.decodeAll(bytes)
}

/**
 * Encodes a whole stream with one codec. The result may be `bytes` itself where there is nothing to do.
 *
 * @throws ERR_UNSUPPORTED for an unknown codec and one that cannot encode; ERR_INVALID_ARGUMENT for an option of the wrong type.
 */
export async function encodeBytes(codec: CodecSpec, bytes: Uint8Array): Promise<Uint8Array> {
  const expected = { max: bytes.byteLength, exact: true }
  const chain = await createChain({ codecs: [codec], expected, itemSize: undefined })
  return chain.encode(bytes)
}
