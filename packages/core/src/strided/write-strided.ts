import { forEachConcurrently } from '../concurrency.js'
import type { ObjectWriter } from '../stores/store.js'
import { copyStrided } from './copy-strided.js'
import { isGapless, isOneRun, planSpans, type Span, type SpanBox } from './plan-spans.js'

/** A box of elements in memory and the place in a new object where it goes. */
export interface StridedWrite extends SpanBox {
  readonly writer: ObjectWriter
  readonly memory: Uint8Array
  readonly signal?: AbortSignal | undefined
}

/** Pieces of this size keep the disk busy; a gap costs reading and writing it, which is less than a call. */
const limits = { gap: 4 << 10, length: 4 << 20 }
const lanes = 4

/**
 * Stores the elements of a box at computable offsets in few large writes. Where small gaps lie between them, the bytes of
 * the gaps are read and written back: no other write may run meanwhile.
 */
export async function writeStrided(write: StridedWrite): Promise<void> {
  if (write.shape.includes(0)) return
  const spans = [...planSpans(write, limits)]
  const gapless = spans.every((span) => isGapless(span, write.itemSize))
  const scratches: (Uint8Array | undefined)[] = []
  await forEachConcurrently(spans, gapless ? lanes : 1, write.signal, async (span, lane) => {
    if (isOneRun(span, write.itemSize)) {
      await write.writer.write(span.offset, write.memory.subarray(span.memoryOffset, span.memoryOffset + span.length))
      return
    }
    let scratch = scratches[lane]
    if (scratch === undefined || scratch.byteLength < span.length) {
      scratch = new Uint8Array(span.length)
      scratches[lane] = scratch
    }
    const bytes = scratch.subarray(0, span.length)
    if (!gapless) await write.writer.read(span.offset, bytes)
    gather(write, span, bytes)
    await write.writer.write(span.offset, bytes)
  })
}

function gather(write: StridedWrite, span: Span, bytes: Uint8Array): void {
  copyStrided({
    shape: span.axes.map((axis) => axis.length),
    itemSize: write.itemSize,
    source: write.memory,
    sourceOffset: span.memoryOffset,
    sourceStrides: span.axes.map((axis) => axis.memoryStride),
    destination: bytes,
    destinationOffset: 0,
    destinationStrides: span.axes.map((axis) => axis.storedStride)
  })
}
