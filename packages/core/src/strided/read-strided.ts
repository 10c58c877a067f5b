import { forEachConcurrently } from '../concurrency.js'
import { SourceError } from '../errors.js'
import type { Store } from '../stores/store.js'
import { copyStrided, fillStrided, swapBytes } from './copy-strided.js'

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

interface Axis {
  readonly length: number
  readonly sourceStride: number
  readonly destinationStride: number
}

/** One request: a span of the object and the box of elements in it. */
interface Span {
  readonly offset: number
  readonly length: number
  readonly destinationOffset: number
  readonly axes: readonly Axis[]
}

/** Gaps up to this size are read along: a request costs more than the bytes. */
const maximalGap = { local: 4 << 10, remote: 64 << 10 }
const maximalSpan = { local: 4 << 20, remote: 16 << 20 }

/**
 * Reads the elements of a box that lie at computable offsets, asking for as few bytes as the gaps between them allow, with a
 * bounded number of requests at once. A run that is contiguous in memory too is read straight into place.
 *
 * @throws ERR_CORRUPT_DATA if the object ends before the box or has another size than `objectSize`; ERR_NOT_FOUND.
 */
export async function readStrided(read: StridedRead): Promise<void> {
  if (read.shape.includes(0)) return
  const spans = planSpans(read)
  await forEachConcurrently(spans, read.concurrency, read.signal, (span) => readSpan(read, span))
}

async function readSpan(read: StridedRead, span: Span): Promise<void> {
  const contiguous = isOneRun(span, read.itemSize)
  const place = contiguous ? read.destination.subarray(span.destinationOffset, span.destinationOffset + span.length) : undefined
  const bytes = await read.store.get(read.key, {
    range: { offset: span.offset, length: span.length },
    signal: read.signal,
    objectSize: read.objectSize,
    chunk: read.fill !== undefined,
    scratch: place
  })
  if (bytes === undefined && read.fill !== undefined) {
    const shape = span.axes.map((axis) => axis.length)
    const strides = span.axes.map((axis) => axis.destinationStride)
    fillStrided(read.destination, span.destinationOffset, strides, shape, read.fill)
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
    sourceStrides: span.axes.map((axis) => axis.sourceStride),
    destination: read.destination,
    destinationOffset: span.destinationOffset,
    destinationStrides: span.axes.map((axis) => axis.destinationStride)
  })
}

/** Swaps in place where the elements tile the span; a layout with odd strides swaps its elements after they are compacted. */
function swapRuns(bytes: Uint8Array, span: Span, read: StridedRead): void {
  if (span.axes.every((axis) => axis.sourceStride % read.itemSize === 0)) {
    swapBytes(bytes, read.swapSize)
    return
  }
  const visit = (depth: number, offset: number): void => {
    const axis = span.axes[depth]
    if (axis === undefined) swapBytes(bytes.subarray(offset, offset + read.itemSize), read.swapSize)
    else for (let at = 0; at < axis.length; at++) visit(depth + 1, offset + at * axis.sourceStride)
  }
  visit(0, 0)
}

function isOneRun(span: Span, itemSize: number): boolean {
  let run = itemSize
  for (const axis of span.axes.toReversed()) {
    if (axis.sourceStride !== run || axis.destinationStride !== run) return false
    run *= axis.length
  }
  return run === span.length
}

/**
 * Splits a box into spans. Axes are taken from the smallest stride outwards into one span while the gaps stay small; an
 * axis that would make the span too long is cut into batches; the axes left over are walked.
 */
function* planSpans(read: StridedRead): Generator<Span> {
  const reach = read.store.remote ? 'remote' : 'local'
  let sourceOffset = read.sourceOffset
  let destinationOffset = read.destinationOffset
  const axes: Axis[] = []
  for (const [axis, length] of read.shape.entries()) {
    let sourceStride = read.sourceStrides[axis] ?? 0
    let destinationStride = read.destinationStrides[axis] ?? 0
    if (length === 1) continue
    if (sourceStride < 0) {
      sourceOffset += (length - 1) * sourceStride
      destinationOffset += (length - 1) * destinationStride
      sourceStride = -sourceStride
      destinationStride = -destinationStride
    }
    axes.push({ length, sourceStride, destinationStride })
  }
  axes.sort((a, b) => b.sourceStride - a.sourceStride)

  const inner: Axis[] = []
  let span = read.itemSize
  let outer: Axis | undefined
  for (outer = axes.pop(); outer !== undefined; outer = axes.pop()) {
    const length = (outer.length - 1) * outer.sourceStride + span
    if (outer.sourceStride - span > maximalGap[reach] || length > maximalSpan[reach]) break
    inner.unshift(outer)
    span = length
  }
  const joinable = outer !== undefined && outer.sourceStride - span <= maximalGap[reach]
  const batch = outer !== undefined && joinable ? Math.max(1, 1 + Math.floor((maximalSpan[reach] - span) / outer.sourceStride)) : 1

  function* walk(depth: number, source: number, destination: number): Generator<Span> {
    const axis = axes[depth]
    if (axis !== undefined) {
      for (let at = 0; at < axis.length; at++)
        yield* walk(depth + 1, source + at * axis.sourceStride, destination + at * axis.destinationStride)
    } else if (outer === undefined) {
      yield { offset: source, length: span, destinationOffset: destination, axes: inner }
    } else {
      for (let at = 0; at < outer.length; at += batch) {
        const length = Math.min(batch, outer.length - at)
        yield {
          offset: source + at * outer.sourceStride,
          length: (length - 1) * outer.sourceStride + span,
          destinationOffset: destination + at * outer.destinationStride,
          axes: length === 1 ? inner : [{ ...outer, length }, ...inner]
        }
      }
    }
  }
  yield* walk(0, sourceOffset, destinationOffset)
}

function objectName(read: StridedRead): string {
  return read.key === '' ? (read.store.path ?? 'the file') : `object ${JSON.stringify(read.key)}`
}
