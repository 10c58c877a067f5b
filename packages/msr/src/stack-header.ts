import { SourceError } from '@bioimage/core'
import type { LittleEndianReader } from './little-endian-reader.js'
import { beginsWith } from './magic.js'
import { type ObfFile, readStructure } from './read-structure.js'

const stackMagic = 'OMAS_BF_STACK\n\xff\xff'

/** OMAS_BF_MAX_DIMENSIONS. */
export const maximalRank = 15

/** OBF_STACK_HEADER by the names of its specification. Lists have one entry per axis, the fastest first. */
export interface StackHeader {
  readonly index: number
  readonly format_version: number
  readonly res: readonly number[]
  readonly len: readonly number[]
  readonly off: readonly number[]
  readonly dt: number
  readonly compression_type: number
  readonly name: string
  readonly description: string
  /** Byte of the file at which the data begins. */
  readonly dataPosition: number
  /** Bytes from there to the footer. */
  readonly data_len_disk: number
  readonly next_stack_pos: number
}

/** @throws ERR_CORRUPT_DATA */
export function readStackHeader(file: ObfFile, index: number, position: number, signal: AbortSignal | undefined): Promise<StackHeader> {
  return readStructure(
    file,
    { what: `the header of stack ${index}`, position },
    (reader) => {
      const header = parseStackHeader(reader, index)
      return { ...header, dataPosition: position + reader.position }
    },
    signal
  )
}

function parseStackHeader(reader: LittleEndianReader, index: number): Omit<StackHeader, 'dataPosition'> {
  if (!beginsWith(reader.bytes(16), stackMagic)) {
    throw new SourceError('ERR_CORRUPT_DATA', `stack ${index} does not begin with "OMAS_BF_STACK"`)
  }
  const version = reader.uint32()
  const rank = reader.uint32()
  if (rank > maximalRank) throw new SourceError('ERR_CORRUPT_DATA', `stack ${index} has ${rank} axes; ${maximalRank} are possible`)
  const perAxis = (read: () => number): number[] => reader.times(maximalRank, read).slice(0, rank)
  const res = perAxis(() => reader.uint32())
  const len = perAxis(() => reader.float64())
  const off = perAxis(() => reader.float64())
  const dt = reader.uint32()
  const compression = reader.uint32()
  // The level of the compression.
  reader.skip(4)
  const nameLength = reader.uint32()
  const descriptionLength = reader.uint32()
  reader.skip(8)
  const dataLength = reader.uint64('the length of the data')
  const next = reader.uint64('the position of the next stack')
  return {
    index,
    format_version: version,
    res,
    len,
    off,
    dt,
    compression_type: compression,
    name: reader.text(nameLength),
    description: reader.text(descriptionLength),
    data_len_disk: dataLength,
    next_stack_pos: next
  }
}

/** Stacks that are followed from one to the next. */
const maximalStacks = 65_536

/**
 * The stacks of a file in order, each read when it is asked for.
 *
 * @throws ERR_CORRUPT_DATA for a chain that leads outside the file or in a circle.
 */
export async function* stackHeaders(file: ObfFile, first: number, signal: AbortSignal | undefined): AsyncGenerator<StackHeader> {
  const seen = new Set<number>()
  for (let position = first; position !== 0; ) {
    if (seen.has(position) || seen.size === maximalStacks) {
      throw new SourceError('ERR_CORRUPT_DATA', `the stacks form a circle: stack ${seen.size} is said to be at byte ${position}`)
    }
    const header = await readStackHeader(file, seen.size, position, signal)
    seen.add(position)
    yield header
    position = header.next_stack_pos
  }
}
