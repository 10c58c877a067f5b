import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { DType, NdArray } from '@bioimage/core'
import { bytesOf, contiguousStride, itemSizeOf, sizeOf } from '@bioimage/core/backend'
import type { Block } from './blocks.js'
import { npyHeader } from './npy.js'
import { aboutOutput } from './output-error.js'

/** A file that takes the blocks of a region in any order. It appears under its name when it is whole. */
export interface RegionFile {
  write(block: Block, array: NdArray): Promise<void>
  /** Puts the file in its place. */
  finish(): Promise<void>
  /** Removes what was written. */
  discard(): Promise<void>
}

/** The ways a region can be written. */
export type RegionFormat = 'npy' | 'raw'

/**
 * Begins a file of a region.
 *
 * @param regionShape Shape with every axis, which the blocks refer to.
 * @param resultShape Shape that the file tells, without the axes that integers drop.
 */
export async function createRegionFile(
  path: string,
  format: RegionFormat,
  regionShape: readonly number[],
  resultShape: readonly number[],
  dtype: DType
): Promise<RegionFile> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`)
  const header = format === 'npy' ? npyHeader(resultShape, dtype) : new Uint8Array(0)
  const itemSize = itemSizeOf(dtype)
  const file = await aboutOutput(path, () => open(temporary, 'w'))
  try {
    await writeAll(file, header, 0)
    await file.truncate(header.byteLength + sizeOf(regionShape) * itemSize)
  } catch (error) {
    await file.close()
    await rm(temporary, { force: true })
    throw error
  }
  return {
    write: (block, array) => writeRuns(file, header.byteLength, regionShape, itemSize, block, bytesOf(array.data)),
    finish: async () => {
      await file.close()
      await aboutOutput(path, () => rename(temporary, path)).catch(async (error: unknown) => {
        await rm(temporary, { force: true })
        throw error
      })
    },
    discard: async () => {
      await file.close()
      await rm(temporary, { force: true })
    }
  }
}

/** Writes a block, run by run: a run is what lies together in the file. */
async function writeRuns(
  file: FileHandle,
  start: number,
  regionShape: readonly number[],
  itemSize: number,
  block: Block,
  bytes: Uint8Array
): Promise<void> {
  const stride = contiguousStride(regionShape)
  let inner = block.shape.length
  while (inner > 0 && block.shape[inner - 1] === regionShape[inner - 1]) inner--
  // The axis before the whole ones belongs to the run too.
  const outerShape = block.shape.slice(0, Math.max(0, inner - 1))
  const runBytes = sizeOf(block.shape.slice(outerShape.length)) * itemSize
  const first = block.position.reduce((sum, at, axis) => sum + at * (stride[axis] ?? 0), 0)
  const at = outerShape.map(() => 0)
  const runs = sizeOf(outerShape)
  for (let run = 0; run < runs; run++) {
    const element = first + at.reduce((sum, index, axis) => sum + index * (stride[axis] ?? 0), 0)
    await writeAll(file, bytes.subarray(run * runBytes, (run + 1) * runBytes), start + element * itemSize)
    for (let axis = at.length - 1; axis >= 0; axis--) {
      at[axis] = (at[axis] ?? 0) + 1
      if ((at[axis] ?? 0) < (outerShape[axis] ?? 0)) break
      at[axis] = 0
    }
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.byteLength - done, position + done)
    done += bytesWritten
  }
}
