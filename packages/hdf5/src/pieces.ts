import { sizeOf } from '@bioimage/core/backend'

/** Bytes that go to and from the library at once: its memory never shrinks. */
const pieceBytes = 32 << 20

/** A part of an array, in elements. */
export interface Box {
  readonly start: readonly number[]
  readonly shape: readonly number[]
}

/** Cuts a region into boxes of bounded size, along the borders of chunks, so that no chunk is encoded twice. */
export function* piecesOf({ start, shape }: Box, chunks: readonly number[] | null, itemSize: number): Generator<Box> {
  function* cut(box: Box, axis: number): Generator<Box> {
    const bytes = sizeOf(box.shape) * itemSize
    if (bytes <= pieceBytes || axis === box.shape.length) {
      yield box
      return
    }
    const length = box.shape[axis] ?? 1
    const chunk = chunks?.[axis] ?? 1
    const perStep = bytes / length
    const steps = Math.max(1, Math.floor(pieceBytes / perStep / chunk)) * chunk
    const end = (box.start[axis] ?? 0) + length
    for (let at = box.start[axis] ?? 0; at < end; ) {
      const next = Math.min(end, Math.floor(at / chunk) * chunk + steps)
      yield* cut({ start: box.start.with(axis, at), shape: box.shape.with(axis, next - at) }, axis + 1)
      at = next
    }
  }
  yield* cut({ start, shape }, 0)
}
