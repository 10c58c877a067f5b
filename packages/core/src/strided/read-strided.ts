import { forEachConcurrently } from '../concurrency.js'
import { SourceError } from '../errors.js'
import type { Store } from '../stores/store.js'
import { copyStrided, fillStrided, swapBytes } from './copy-strided.js'
import { isOneRun, planSpans, type Span, type SpanBox } from './plan-spans.js'

/** A box of elements in one stored object and the place in memory where it goes. All counts are bytes. */
export interface StridedRead {
  readonly store: Store
  readonly key: string
  readonly shape: readonly number[]
  readonly itemSize: number
  /** Bytes that change places if the stored byte order is not the machine's; 1 for none. */
  readonly swapSize: number
  /** Where element 0 of the box lies in the object. */
  readonly sourceOffset: number
  readonly sourceStrides: readonly number[]
  readonly destination: Uint8Array
  readonly destinationOffset: number
  readonly destinationStrides: readonly number[]
  readonly concurrency: number
  /** Bytes that the whole object must have, where that is known. */
  readonly objectSize?: number | undefined
  /** Bytes of the element to fill in if the object does not exist; without it, that is ERR_NOT_FOUND. */
  readonly fill?: Uint8Array | undefined
  readonly signal?: AbortSignal | undefined
}

/** Gaps up to this size are read along: a request costs more than the bytes. */
const limits = { local: { gap: 4 << 10, length: 4 << 20 }, remote: { gap: 64 << 10, length: 16 << 20 } }

/**
 * Reads the elements of a box that lie at computable offsets, asking for as few bytes as the gaps between them allow, with a
 * bounded number of requests at once. A run that is contiguous in memory too is read straight into place.
 *
 * @throws ERR_CORRUPT_DATA if the object ends before the box or has another size than `objectSize`; ERR_NOT_FOUND.
 */
export async function readStrided(read: StridedRead): Promise<void> {
  if (read.shape.includes(0)) return
  const box: SpanBox = {
    shape: read.shape,
    itemSize: read.itemSize,
    storedOffset: read.sourceOffset,
    storedStrides: read.sourceStrides,
    memoryOffset: read.destinationOffset,
    memoryStrides: read.destinationStrides
  }
  const spans = planSpans(box, limits[read.store.remote ? 'remote' : 'local'])
  await forEachConcurrently(spans, read.concurrency, read.signal, (span) => readSpan(read, span))
}

async function readSpan(read: StridedRead, span: Span): Promise<void> {
  const contiguous = isOneRun(span, read.itemSize)
  const place = contiguous ? read.destination.subarray(span.memoryOffset, span.memoryOffset + span.length) : undefined
  const bytes = await read.store.get(read.key, {
    range: { offset: span.offset, length: span.length },
    signal: read.signal,
    objectSize: read.objectSize,
    chunk: read.fill !== undefined,
    scratch: place
  })
  if (bytes === undefined && read.fill !== undefined) {
    const shape = span.axes.map((axis) => axis.length)
    const strides = span.axes.map((axis) => axis.memoryStride)
    fillStrided(read.destination, span.memoryOffset, strides, shape, read.fill)
    return
  }
  if (bytes === undefined) throw new SourceError('ERR_NOT_FOUND', `${objectName(read)} does not exist`, { path: read.store.path })
  if (bytes.byteLength !== span.length) {
    throw new SourceError(
      'ERR_CORRUPT_DATA',
      `${objectName(read)} ends early: ${span.length} bytes expected at byte ${span.offset}, found ${bytes.byteLength}`,
      {
        path: read.store.path
      }
    )
  }
  if (place !== undefined) {
    if (bytes.buffer !== place.buffer || bytes.byteOffset !== place.byteOffset) place.set(bytes)
    swapBytes(place, read.swapSize)
    return
  }
  if (read.swapSize > 1) swapRuns(bytes, span, read)
  copyStrided({
    shape: span.axes.map((axis) => axis.length),
    itemSize: read.itemSize,
    source: bytes,
    sourceOffset: 0,
    sourceStrides: span.axes.map((axis) => axis.storedStride),
    destination: read.destination,
    destinationOffset: span.memoryOffset,
    destinationStrides: span.axes.map((axis) => axis.memoryStride)
  })
}

/** Swaps in place where the elements tile the span; a layout with odd strides swaps its elements after they are compacted. */
function swapRuns(bytes: Uint8Array, span: Span, read: StridedRead): void {
  if (span.axes.every((axis) => axis.storedStride % read.itemSize === 0)) {
    swapBytes(bytes, read.swapSize)
    return
  }
  const visit = (depth: number, offset: number): void => {
    const axis = span.axes[depth]
    if (axis === undefined) swapBytes(bytes.subarray(offset, offset + read.itemSize), read.swapSize)
    else for (let at = 0; at < axis.length; at++) visit(depth + 1, offset + at * axis.storedStride)
  }
  visit(0, 0)
}

function objectName(read: StridedRead): string {
  return read.key === '' ? (read.store.path ?? 'the file') : `object ${JSON.stringify(read.key)}`
}
