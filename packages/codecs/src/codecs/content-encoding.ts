import type { CodecSpec } from '@bioimage/core'
import type { CodecStep, ExpectedLength, StepContext } from '../codec-step.js'
import { boundBehindCompressor } from '../expected-length.js'
import { Payload } from '../payload.js'

/** Compressions that begin with bytes of their own. */
const magics: readonly { readonly codec: string; readonly bytes: readonly number[] }[] = [
  { codec: 'gzip', bytes: [0x1f, 0x8b, 0x08] },
  { codec: 'zstd', bytes: [0x28, 0xb5, 0x2f, 0xfd] },
  { codec: 'lzma', bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00] },
  { codec: 'bz2', bytes: [0x42, 0x5a, 0x68] }
]

/**
 * Undoes what is left of an HTTP `Content-Encoding`: platforms decode some and hand on others, and which is not told. Bytes of the
 * very length that is expected are taken as they are; else gzip, zstd, xz and bzip2 are known by how they begin. Encoding does nothing.
 */
export function createContentEncoding(_spec: CodecSpec, context: StepContext): CodecStep {
  return {
    encodedLength: boundBehindCompressor,
    decode(encoded, expected) {
      if (expected.exact && encoded.byteLength === expected.max) return encoded
      const bytes = encoded.view()
      const found = magics.find((magic) => magic.bytes.every((byte, index) => bytes[index] === byte))
      if (found === undefined) return encoded
      const lasting = Payload.of(encoded.lasting())
      return decodeApart({ id: found.codec }, lasting, expected, context)
    },
    encode: (decoded) => decoded
  }
}

/** Loads the codec only now, and leaves nothing in scratch memory, which other chunks use while this one waits. */
async function decodeApart(spec: CodecSpec, encoded: Payload, expected: ExpectedLength, context: StepContext): Promise<Payload> {
  const step = await context.step(spec)
  const { scratch } = await context.kernel()
  const mark = scratch.mark()
  try {
    const decoded = step.decode(encoded, expected)
    return decoded instanceof Promise ? decoded : Payload.of(decoded.lasting())
  } finally {
    scratch.release(mark)
  }
}
