import type { ChunkJob, ChunkReadTask } from './executor.js'

/** Rows of a gathered box need be no longer: from here on a copy costs no more per byte. */
const longestRow = 4096
/** Memory that gathered chunks take at most: more does not stay in a processor's cache. */
const maximalBytes = 4 << 20

/** A chunk of which something is to be copied. */
interface Gatherable {
  readonly job: ChunkJob
}

/**
 * Divides chunks into runs that continue each other along the fastest axis of the output, for {@link copyGathered}: the rows of
 * small chunks are short, and writing them one by one to memory far apart takes longer than decoding them. Chunks for which
 * that is no gain, or no way, stay alone.
 */
export function runsOf<T extends Gatherable>(task: ChunkReadTask, chunks: readonly T[]): T[][] {
  const { itemSize } = task.coding
  const axis = task.outputStrides.indexOf(itemSize)
  if (task.coder.gather === undefined || axis < 0 || task.sourceStrides[axis] !== itemSize) return chunks.map((chunk) => [chunk])
  const sorted = chunks.toSorted((a, b) => a.job.destinationOffset - b.job.destinationOffset)
  const runs: T[][] = []
  let end: { readonly destination: number; readonly row: number; readonly bytes: number; readonly shape: readonly number[] } | undefined
  for (const chunk of sorted) {
    const { shape, destinationOffset } = chunk.job
    const row = (shape[axis] ?? 1) * itemSize
    const bytes = shape.reduce((product, length) => product * length, itemSize)
    const continues =
      end !== undefined &&
      end.destination === destinationOffset &&
      end.row < longestRow &&
      end.bytes + bytes <= maximalBytes &&
      end.shape.every((length, at) => at === axis || length === shape[at])
    if (continues) runs.at(-1)?.push(chunk)
    else runs.push([chunk])
    end = {
      destination: destinationOffset + row,
      row: continues && end !== undefined ? end.row + row : row,
      bytes: continues && end !== undefined ? end.bytes + bytes : bytes,
      shape
    }
  }
  return runs
}

/** Decodes the chunks of a run into one box and copies that to the output. */
export function copyGathered<T extends Gatherable>(
  task: ChunkReadTask,
  run: readonly T[],
  decode: (chunk: T, into: (encoded: Uint8Array) => void) => void
): void {
  const [first] = run
  const { coder, coding, outputStrides, sourceStrides } = task
  const { itemSize } = coding
  if (first === undefined || coder.gather === undefined) return
  const axis = outputStrides.indexOf(itemSize)
  const shape = first.job.shape.slice()
  shape[axis] = run.reduce((sum, { job }) => sum + (job.shape[axis] ?? 1), 0)
  const { strides, byteLength } = stridesLike(outputStrides, shape, itemSize)
  coder.gather(
    byteLength,
    (decodeInto) => {
      let destinationOffset = 0
      for (const chunk of run) {
        const { job } = chunk
        const box = {
          shape: job.shape,
          itemSize,
          sourceOffset: job.sourceOffset,
          sourceStrides,
          destinationOffset,
          destinationStrides: strides
        }
        decode(chunk, (encoded) => decodeInto(encoded, box))
        destinationOffset += (job.shape[axis] ?? 1) * itemSize
      }
    },
    (gathered) =>
      task.copyStrided({
        shape,
        itemSize,
        source: gathered,
        sourceOffset: 0,
        sourceStrides: strides,
        destination: task.output,
        destinationOffset: first.job.destinationOffset,
        destinationStrides: outputStrides
      })
  )
}

/** Strides of a box without gaps whose axes follow each other as those of the output do. */
function stridesLike(
  outputStrides: readonly number[],
  shape: readonly number[],
  itemSize: number
): { strides: readonly number[]; byteLength: number } {
  const order = shape.map((_, axis) => axis).sort((a, b) => Math.abs(outputStrides[a] ?? 0) - Math.abs(outputStrides[b] ?? 0))
  const strides = shape.map(() => 0)
  let byteLength = itemSize
  for (const axis of order) {
    strides[axis] = byteLength
    byteLength *= shape[axis] ?? 1
  }
  return { strides, byteLength }
}
