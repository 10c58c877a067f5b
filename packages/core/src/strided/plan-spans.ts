/** A box of elements, where it is stored and where it lies in memory. All counts are bytes. */
export interface SpanBox {
  readonly shape: readonly number[]
  readonly itemSize: number
  /** Where element 0 of the box lies in the object. */
  readonly storedOffset: number
  readonly storedStrides: readonly number[]
  readonly memoryOffset: number
  readonly memoryStrides: readonly number[]
}

/** What is worth one request, in bytes. */
export interface SpanLimits {
  /** Gaps up to this size are taken along. */
  readonly gap: number
  readonly length: number
}

/** One axis of the elements of a span; the stored stride is positive. */
export interface SpanAxis {
  readonly length: number
  readonly storedStride: number
  readonly memoryStride: number
}

/** One request: a span of the object and the box of elements in it. */
export interface Span {
  readonly offset: number
  readonly length: number
  readonly memoryOffset: number
  readonly axes: readonly SpanAxis[]
}

/**
 * Splits a box into spans. Axes are taken from the smallest stride outwards into one span while the gaps stay small; an
 * axis that would make the span too long is cut into batches; the axes left over are walked.
 */
export function* planSpans(box: SpanBox, limits: SpanLimits): Generator<Span> {
  let storedOffset = box.storedOffset
  let memoryOffset = box.memoryOffset
  const axes: SpanAxis[] = []
  for (const [axis, length] of box.shape.entries()) {
    let storedStride = box.storedStrides[axis] ?? 0
    let memoryStride = box.memoryStrides[axis] ?? 0
    if (length === 1) continue
    if (storedStride < 0) {
      storedOffset += (length - 1) * storedStride
      memoryOffset += (length - 1) * memoryStride
      storedStride = -storedStride
      memoryStride = -memoryStride
    }
    axes.push({ length, storedStride, memoryStride })
  }
  axes.sort((a, b) => b.storedStride - a.storedStride)

  const inner: SpanAxis[] = []
  let span = box.itemSize
  let outer: SpanAxis | undefined
  for (outer = axes.pop(); outer !== undefined; outer = axes.pop()) {
    const length = (outer.length - 1) * outer.storedStride + span
    if (outer.storedStride - span > limits.gap || length > limits.length) break
    inner.unshift(outer)
    span = length
  }
  const joinable = outer !== undefined && outer.storedStride - span <= limits.gap
  const batch = outer !== undefined && joinable ? Math.max(1, 1 + Math.floor((limits.length - span) / outer.storedStride)) : 1

  function* walk(depth: number, stored: number, memory: number): Generator<Span> {
    const axis = axes[depth]
    if (axis !== undefined) {
      for (let at = 0; at < axis.length; at++) yield* walk(depth + 1, stored + at * axis.storedStride, memory + at * axis.memoryStride)
    } else if (outer === undefined) {
      yield { offset: stored, length: span, memoryOffset: memory, axes: inner }
    } else {
      for (let at = 0; at < outer.length; at += batch) {
        const length = Math.min(batch, outer.length - at)
        yield {
          offset: stored + at * outer.storedStride,
          length: (length - 1) * outer.storedStride + span,
          memoryOffset: memory + at * outer.memoryStride,
          axes: length === 1 ? inner : [{ ...outer, length }, ...inner]
        }
      }
    }
  }
  yield* walk(0, storedOffset, memoryOffset)
}

/** Whether the elements of a span lie without gaps in the object. */
export function isGapless(span: Span, itemSize: number): boolean {
  return span.length === span.axes.reduce((size, axis) => size * axis.length, itemSize)
}

/** Whether the elements of a span are one run in the object and the same run in memory. */
export function isOneRun(span: Span, itemSize: number): boolean {
  let run = itemSize
  for (const axis of span.axes.toReversed()) {
    if (axis.storedStride !== run || axis.memoryStride !== run) return false
    run *= axis.length
  }
  return run === span.length
}
