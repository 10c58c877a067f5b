import { forEachConcurrently } from '../concurrency.js'
import { itemSizeOf } from '../dtype.js'
import { SourceError } from '../errors.js'
import { type NewPages, reachOf } from '../new-pages.js'
import { ScratchLanes } from '../scratch-lanes.js'
import type { Store } from '../stores/store.js'
import { copyStrided, fillStrided, swapBytes } from './copy-strided.js'
import { isOneRun, planSpans, type Span, type SpanBox } from './plan-spans.js'
import { type LinearScaling, type ScaledDType, scaleStrided } from './scale-strided.js'

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
  /** Bytes that the whole object must have, where that is known. */
  readonly objectSize?: number | undefined
  /** Bytes of the element to fill in if the object does not exist; without it, that is ERR_NOT_FOUND. */
  readonly fill?: Uint8Array | undefined
  /** Values that are stored as others. `itemSize` is then that of a stored element; there is no `fill`. */
  readonly scaling?: (LinearScaling & { readonly dtype: ScaledDType }) | undefined
  /** Of a destination that is new and gets scaled values alone. */
  readonly pages?: NewPages | undefined
  /** Gets the revision of every reply, `undefined` for one without an object; not called by a store that cannot tell. */
  readonly onRevision?: ((revision: string | undefined) => void) | undefined
  /** Says in an error what could not be read. */
  readonly describe?: ((error: unknown) => unknown) | undefined
}

/** How boxes are read. */
export interface StridedReadOptions {
  /** Requests in flight, over all boxes. */
  readonly concurrency: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Gaps up to this size are read along: a request costs more than the bytes. A span is so long that a request more does not
 * matter, and so short that all that are in flight fit into some 100 MiB.
 */
const limits = { local: { gap: 4 << 10, length: 4 << 20 }, remote: { gap: 64 << 10, length: 4 << 20 } }
/** What is scaled passes through scratch memory, which should stay in a processor's cache. */
const scaledLimits = { ...limits, local: { ...limits.local, length: 1 << 20 } }

/**
 * Reads the elements of boxes that lie at computable offsets, asking for as few bytes as the gaps between them allow, with a
 * bounded number of requests at once. A run that is contiguous in memory too is read straight into place.
 *
 * @throws ERR_CORRUPT_DATA if an object ends before its box or has another size than `objectSize`; ERR_NOT_FOUND.
 */
export async function readStrided(reads: Iterable<StridedRead>, { concurrency, signal }: StridedReadOptions): Promise<void> {
  const scratches = new ScratchLanes()
  await forEachConcurrently(spansOf(reads), concurrency, signal, async ({ read, span }, lane) => {
    try {
      if (read.scaling === undefined && isOneRun(span, read.itemSize)) {
        await readRun(read, span, signal)
        return
      }
      await readBox(read, span, signal, read.store.remote ? undefined : scratches.take(lane, span.length))
    } catch (error) {
      throw read.describe === undefined ? error : read.describe(error)
    }
  })
  scratches.release()
}

function* spansOf(reads: Iterable<StridedRead>): Generator<{ readonly read: StridedRead; readonly span: Span }> {
  for (const read of reads) {
    if (read.shape.includes(0)) continue
    const box: SpanBox = {
      shape: read.shape,
      itemSize: read.itemSize,
      storedOffset: read.sourceOffset,
      storedStrides: read.sourceStrides,
      memoryOffset: read.destinationOffset,
      memoryStrides: read.destinationStrides
    }
    const { local, remote } = read.scaling === undefined ? limits : scaledLimits
    for (const span of planSpans(box, read.store.remote ? remote : local)) yield { read, span }
  }
}

/** Reads a span that is one run in memory too, straight into place. */
async function readRun(read: StridedRead, span: Span, signal: AbortSignal | undefined): Promise<void> {
  const place = read.destination.subarray(span.memoryOffset, span.memoryOffset + span.length)
  const bytes = await readSpan(read, span, signal, place)
  if (bytes === undefined) return
  if (bytes.buffer !== place.buffer || bytes.byteOffset !== place.byteOffset) place.set(bytes)
  swapBytes(place, read.swapSize)
}

/** Reads a span and copies its elements from there to where they go. */
async function readBox(read: StridedRead, span: Span, signal: AbortSignal | undefined, scratch: Uint8Array | undefined): Promise<void> {
  const bytes = await readSpan(read, span, signal, scratch)
  if (bytes === undefined) return
  if (read.swapSize > 1) swapItems(bytes, span, read)
  const box = {
    shape: span.axes.map((axis) => axis.length),
    itemSize: read.itemSize,
    source: bytes,
    sourceOffset: 0,
    sourceStrides: span.axes.map((axis) => axis.storedStride),
    destination: read.destination,
    destinationOffset: span.memoryOffset,
    destinationStrides: span.axes.map((axis) => axis.memoryStride)
  }
  if (read.scaling === undefined) {
    copyStrided(box)
    return
  }
  const { first, end } = reachOf(box.destinationOffset, box.shape, box.destinationStrides, itemSizeOf(read.scaling.dtype))
  await read.pages?.before(first, end)
  scaleStrided({ ...box, ...read.scaling })
}

/** The bytes of a span; `undefined` if the object does not exist, whose elements are filled in then. */
async function readSpan(
  read: StridedRead,
  span: Span,
  signal: AbortSignal | undefined,
  scratch: Uint8Array | undefined
): Promise<Uint8Array | undefined> {
  const bytes = await read.store.get(read.key, {
    range: { offset: span.offset, length: span.length },
    signal,
    objectSize: read.objectSize,
    chunk: read.fill !== undefined,
    scratch,
    onRevision: read.onRevision
  })
  if (bytes === undefined) read.onRevision?.(undefined)
  if (bytes === undefined && read.fill !== undefined) {
    const shape = span.axes.map((axis) => axis.length)
    const strides = span.axes.map((axis) => axis.memoryStride)
    fillStrided(read.destination, span.memoryOffset, strides, shape, read.fill)
    return undefined
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
  return bytes
}

/** Swaps the elements of a span in place: the whole span where they lie on a grid of their size, else one by one. */
function swapItems(bytes: Uint8Array, span: Span, read: StridedRead): void {
  if (span.axes.every((axis) => axis.storedStride % read.itemSize === 0)) {
    swapBytes(bytes, read.swapSize)
    return
  }
  // Along an axis of stride 0 lies one element only, which must not be swapped twice.
  const axes = span.axes.filter((axis) => axis.storedStride !== 0)
  const visit = (depth: number, offset: number): void => {
    const axis = axes[depth]
    if (axis === undefined) swapBytes(bytes.subarray(offset, offset + read.itemSize), read.swapSize)
    else for (let at = 0; at < axis.length; at++) visit(depth + 1, offset + at * axis.storedStride)
  }
  visit(0, 0)
}

function objectName(read: StridedRead): string {
  return read.key === '' ? (read.store.path ?? 'the file') : `object ${JSON.stringify(read.key)}`
}
