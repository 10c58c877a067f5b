import { crc32 } from 'node:zlib'
import { type DType, type NdArray, type Source, SourceError } from '@bioimage/core'
import { bytesOf, itemSizeOf, sizeOf, wholeRegion } from '@bioimage/core/backend'
import { type Block, blocksOf, bytesOfBlock, planBlocks } from '../blocks.js'
import { formatMebibytes, type MemoryPlan } from '../memory.js'
import { type BlockWork, laneBuffers, readBlocks, viewOf } from '../read-blocks.js'
import { formatBytes } from '../units.js'
import { castExactly } from './cast.js'

/** A block and its number in the order of {@link blocksOf}. */
export interface NumberedBlock extends Block {
  readonly number: number
}

/**
 * The shape of the blocks in which an array is copied: whole chunks, or shards where there are such, of the output, grown so
 * that few chunks of the input are decoded twice.
 *
 * @throws ERR_TOO_LARGE if a single shard does not fit in the memory.
 */
export function planCopy(input: Source, output: Source, memory: MemoryPlan): readonly number[] {
  const itemSize = Math.max(itemSizeOf(input.dtype), itemSizeOf(output.dtype))
  const unit = output.shards ?? output.chunks
  const region = wholeRegion(input.shape)
  // Also at the edge of the array a chunk is encoded whole.
  const least = unit === null ? 0 : sizeOf(unit) * itemSize
  if (least > memory.largestBlockBytes) {
    const what = output.shards === null ? 'chunk' : 'shard'
    throw new SourceError(
      'ERR_TOO_LARGE',
      `a ${what} of the output takes ${formatBytes(least)} and is put together in memory: allow --memory ${formatMebibytes(memory.bytes + 2 * (least - memory.largestBlockBytes))} or choose smaller ${what}s`
    )
  }
  return planBlocks({ region, itemSize, maxBytes: memory.blockBytes, unit, readChunks: input.chunks })
}

/** The blocks with their numbers. */
export function* numberedBlocks(shape: readonly number[], blockShape: readonly number[]): Generator<NumberedBlock> {
  let number = 0
  for (const block of blocksOf(wholeRegion(shape), blockShape)) yield { ...block, number: number++ }
}

/** Reads blocks of the input, in the output's dtype. The array given to `use` holds until its promise settles. */
export async function readConverted(
  input: Source,
  dtype: DType,
  work: BlockWork<NumberedBlock>,
  use: (block: NumberedBlock, array: NdArray, lane: number) => Promise<void>
): Promise<void> {
  if (dtype === input.dtype) return readBlocks(input, work, use)
  const itemSize = Math.max(itemSizeOf(input.dtype), itemSizeOf(dtype))
  const converted = laneBuffers(bytesOfBlock(work.blockShape, work.region, itemSizeOf(dtype)))
  return readBlocks(input, { ...work, itemSize }, (block, read, lane) => {
    const array = viewOf(converted(lane), block.shape, dtype)
    castExactly(read, array)
    return use(block, array, lane)
  })
}

/** Checksum of a block, in the machine's byte order. */
export function checksumOf(array: NdArray): number {
  return crc32(bytesOf(array.data))
}

/**
 * Reads both arrays again and compares every byte.
 *
 * @throws ERR_CORRUPT_DATA at the first difference.
 */
export async function compareArrays(
  input: Source,
  output: Source,
  work: BlockWork<NumberedBlock>,
  advance: (bytes: number) => void
): Promise<void> {
  const buffers = laneBuffers(bytesOfBlock(work.blockShape, work.region, itemSizeOf(output.dtype)))
  await readConverted(input, output.dtype, work, async (block, expected, lane) => {
    const found = viewOf(buffers(lane), block.shape, output.dtype)
    await output.get(block.index, { out: found, signal: work.signal })
    const [left, right] = [bytesOf(expected.data), bytesOf(found.data)]
    if (Buffer.compare(left, right) !== 0) {
      const at = left.findIndex((byte, position) => byte !== right[position])
      throw new SourceError(
        'ERR_CORRUPT_DATA',
        `the output differs from the input at [${positionOf(Math.floor(at / itemSizeOf(output.dtype)), block).join(', ')}]; start over with --overwrite`
      )
    }
    advance(sizeOf(block.shape) * itemSizeOf(output.dtype))
  })
}

function positionOf(element: number, { shape, position }: Block): readonly number[] {
  const found = [...position]
  let rest = element
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis] ?? 1
    found[axis] = (position[axis] ?? 0) + (rest % length)
    rest = Math.floor(rest / length)
  }
  return found
}
