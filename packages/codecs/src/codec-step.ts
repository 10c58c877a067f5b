import type { CodecSpec } from '@bioimage/core'
import type { Kernel } from './kernel/kernel.js'
import type { Payload } from './payload.js'

/** What is known of a length before the bytes are there: an upper bound, which may be exact. */
export interface ExpectedLength {
  readonly max: number
  readonly exact: boolean
  /** What it will most likely be. */
  readonly likely?: number | undefined
}

/** One codec with its options. Steps of one chain share the kernel's scratch memory. */
export interface CodecStep {
  /** Whether `decode` never gives a promise. */
  readonly decodesAtOnce?: boolean | undefined
  /** Length after encoding `decoded` bytes: the bound that the next step's decoder gets. */
  encodedLength(decoded: ExpectedLength): ExpectedLength
  /**
   * Gives at most `expected.max` bytes, else throws ERR_CORRUPT_DATA; an exact length is verified by the caller too. A promise
   * must give bytes outside scratch memory.
   */
  decode(encoded: Payload, expected: ExpectedLength): Payload | Promise<Payload>
  encode(decoded: Payload): Payload | Promise<Payload>
}

/** What a codec gets to build a step. */
export interface StepContext {
  /** Bytes of one element of the chunk, where it is known. */
  readonly itemSize: number | undefined
  /** Elements along the axes of the chunk, slowest first, where they are known. */
  readonly shape: readonly number[] | undefined
  kernel(): Promise<Kernel>
  /** Makes the step of a codec inside this one. */
  step(spec: CodecSpec): Promise<CodecStep>
}

/** A codec: makes a step from its options, loading what it needs. Throws ERR_INVALID_ARGUMENT for options of a wrong type. */
export type CreateStep = (spec: CodecSpec, context: StepContext) => CodecStep | Promise<CodecStep>
