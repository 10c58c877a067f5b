import type { CodecSpec } from '@bioimage/core'
import { corrupt, invalid } from '../codec-errors.js'
import { booleanOption, integerOption } from '../codec-options.js'
import type { CodecStep, StepContext } from '../codec-step.js'
import { boundBehindCompressor } from '../expected-length.js'
import { Payload } from '../payload.js'

const failures: Readonly<Record<number, string>> = {
  [-1]: 'the data is damaged',
  [-2]: 'the data ends too early',
  [-4]: 'the checksum does not match',
  [-5]: 'the frame needs a dictionary'
}

/** Zstandard (RFC 8878): one or several frames, with or without their size and checksum. */
export async function createZstd(spec: CodecSpec, context: StepContext): Promise<CodecStep> {
  const level = integerOption(spec, 'level', { min: -131072, max: 22 }, 0)
  const checksum = booleanOption(spec, 'checksum', false)
  const { functions, scratch } = await context.kernel()
  return {
    decodesAtOnce: true,
    encodedLength: boundBehindCompressor,
    decode: (encoded, { max, exact }) => {
      const source = encoded.place(scratch)
      const bound = exact ? max : functions.zstdDecodedBound(source, encoded.byteLength)
      if (bound < 0) throw corrupt('zstd', failures[bound] ?? failures[-1]!)
      const capacity = Math.min(bound, max)
      const destination = scratch.allocate(capacity)
      const workspace = scratch.allocate(functions.zstdWorkspaceSize())
      const length = functions.zstdDecode(source, encoded.byteLength, destination, capacity, workspace)
      if (length < 0) throw corrupt('zstd', failures[length] ?? `the data is longer than the ${max} bytes expected`)
      return Payload.at(scratch, destination, length)
    },
    encode: (decoded) => {
      const length = decoded.byteLength
      const source = decoded.place(scratch)
      const capacity = functions.zstdEncodeBound(length)
      const destination = scratch.allocate(capacity)
      const workspace = scratch.allocate(functions.zstdEncodeWorkspaceSize(length, level))
      const encoded = functions.zstdEncode(source, length, destination, capacity, level, checksum ? 1 : 0, workspace)
      if (encoded < 0) throw invalid('zstd', `${length} bytes are too long for one frame`)
      return Payload.at(scratch, destination, encoded)
    }
  }
}
