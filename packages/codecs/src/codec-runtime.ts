import type { CodecRuntime } from '@bioimage/core/backend'
import { createChain } from './codec-chain.js'
import { kernelCopyStrided } from './kernel-copy.js'

/** The codecs for core's chunked engine. Loads a codec at its first use. */
export const codecRuntime: CodecRuntime = {
  coder: ({ codecs, byteLength, itemSize }) => createChain({ codecs, expected: { max: byteLength, exact: true }, itemSize }),
  copyStrided: kernelCopyStrided
}
