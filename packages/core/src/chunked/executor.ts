import type { Store } from '../stores/store.js'
import type { ChunkLocation } from './chunk-storage.js'
import type { ChunkCoder, ChunkCoding, CodecRuntime, StridedCopy } from './codec.js'

/** One chunk of a read: where its bytes are, and which box of it goes where. Offsets and strides count bytes. */
export interface ChunkJob {
  /** `undefined` for a chunk that is not stored. */
  readonly location: ChunkLocation | undefined
  /** Shape of the box, in elements. */
  readonly shape: readonly number[]
  /** First element of the box in the decoded chunk. */
  readonly sourceOffset: number
  /** First element of the box in the output. */
  readonly destinationOffset: number
  /** Place of the chunk in the grid, for messages. */
  readonly position: readonly number[]
}

/** A read of many chunks, as the engine hands it to an executor. */
export interface ChunkReadTask {
  readonly store: Store
  /** JSON: an executor of several threads rebuilds the coder in each. */
  readonly coding: ChunkCoding
  readonly coder: ChunkCoder
  readonly runtime: CodecRuntime
  readonly copyStrided: StridedCopy
  readonly jobs: readonly ChunkJob[]
  /** Bytes between neighbours in a decoded chunk, times the step of the read. */
  readonly sourceStrides: readonly number[]
  readonly output: Uint8Array
  readonly outputStrides: readonly number[]
  /** Nobody has written to the output since it was allocated. */
  readonly outputIsNew?: boolean | undefined
  /** Bytes of the element that stands for chunks that are not stored. */
  readonly fill: Uint8Array
  readonly concurrency: number
  /**
   * Called for a job whose object has another revision than its location says: nothing of it is filled in, and the rest of the task
   * goes on. Without it, that is ERR_CONFLICT.
   */
  readonly onReplaced?: ((job: ChunkJob) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** Fetches, decodes and copies the chunks of a read. The engine plans; an executor decides where the work is done. */
export interface Executor {
  read(task: ChunkReadTask): Promise<void>
}
