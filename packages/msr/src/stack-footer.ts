import { SourceError } from '@bioimage/core'
import { EndOfBytes, LittleEndianReader } from './little-endian-reader.js'
import { type ObfFile, readStructure } from './read-structure.js'
import { maximalRank, type StackHeader } from './stack-header.js'
import { readTags } from './tag-dictionary.js'

/** OBF_SI_UNIT: a power of each base unit, and a factor. */
export interface SiUnit {
  /** Exponents as numerator and denominator, of m, kg, s, A, K, mol, cd, rad, sr. */
  readonly exponents: readonly (readonly [number, number])[]
  readonly scalefactor: number
}

/** From which byte of the stored data a piece of it lies elsewhere. */
export interface ChunkPosition {
  /** Byte of the stored data. */
  readonly logical_offset: number
  /** Byte of the file, from the begin of the data. */
  readonly file_offset: number
}

/** OBF_STACK_FOOTER and what follows it. What the version of the stack does not have is empty. Axes in the order of the header. */
export interface StackFooter {
  readonly labels: readonly string[]
  readonly col_positions: readonly (readonly number[] | undefined)[]
  readonly col_labels: readonly (readonly string[] | undefined)[]
  readonly metadata: string
  readonly si_value: SiUnit | undefined
  readonly si_dimensions: readonly SiUnit[]
  readonly tags: Readonly<Record<string, string>>
  /** 0 if the stack is complete. */
  readonly samples_written: number
  readonly chunkPositions: readonly ChunkPosition[]
}

/** The newest version of which all that is needed to read voxels is published. */
const newestVersion = 6
/** Without the length of the metadata, as the first files of version 1 have it. */
const smallestFooter = 124

const noFooter: StackFooter = {
  labels: [],
  col_positions: [],
  col_labels: [],
  metadata: '',
  si_value: undefined,
  si_dimensions: [],
  tags: {},
  samples_written: 0,
  chunkPositions: []
}

/** @throws ERR_CORRUPT_DATA; ERR_UNSUPPORTED for stacks that say they need a newer reader. */
export async function readStackFooter(file: ObfFile, header: StackHeader, signal: AbortSignal | undefined): Promise<StackFooter> {
  const { index, format_version: version, dataPosition, data_len_disk: length } = header
  if (dataPosition + length > file.size) {
    throw new SourceError(
      'ERR_CORRUPT_DATA',
      `the file is cut: the data of stack ${index} ends at byte ${dataPosition + length}, the file at ${file.size}`
    )
  }
  if (version === 0) return noFooter
  const place = { what: `the footer of stack ${index}`, position: dataPosition + length }
  return readStructure(file, place, (reader) => parseStackFooter(reader, header), signal)
}

function parseStackFooter(reader: LittleEndianReader, header: StackHeader): StackFooter {
  const { index, res } = header
  const rank = res.length
  const size = reader.uint32()
  if (size < smallestFooter) {
    throw new SourceError(
      'ERR_CORRUPT_DATA',
      `the footer of stack ${index} is said to have ${size} bytes; it has ${smallestFooter} at least`
    )
  }
  const fixed = parseFixedFields(reader.bytes(size - 4), rank)
  if (fixed.minFormatVersion > newestVersion) {
    throw new SourceError(
      'ERR_UNSUPPORTED',
      `stack ${index} needs a reader of version ${fixed.minFormatVersion} of OBF; this one reads what version ${newestVersion} needs`
    )
  }
  const string = (): string => reader.text(reader.uint32())
  const labels = reader.times(rank, string)
  const positions = res.map((count, axis) => (fixed.hasPositions[axis] === 0 ? undefined : reader.times(count, () => reader.float64())))
  const columnLabels = res.map((count, axis) => (fixed.hasLabels[axis] === 0 ? undefined : reader.times(count, string)))
  const metadata = reader.text(fixed.metadataLength)
  // Where to begin within a zlib stream: the checkpoints of the first pass are finer, and do not depend on who wrote the file.
  reader.skip(8 * fixed.flushPoints)
  const tagBytes = reader.bytes(fixed.tagsLength)
  return {
    labels,
    col_positions: positions,
    col_labels: columnLabels,
    metadata,
    si_value: fixed.valueUnit,
    si_dimensions: fixed.axisUnits,
    tags: parseTags(tagBytes, index),
    samples_written: fixed.samplesWritten,
    chunkPositions: reader.times(fixed.chunkPositions, () => ({
      logical_offset: reader.uint64('a position of a chunk'),
      file_offset: reader.uint64('a position of a chunk')
    }))
  }
}

interface FixedFields {
  readonly hasPositions: readonly number[]
  readonly hasLabels: readonly number[]
  readonly metadataLength: number
  readonly valueUnit: SiUnit | undefined
  readonly axisUnits: readonly SiUnit[]
  readonly flushPoints: number
  readonly tagsLength: number
  readonly minFormatVersion: number
  readonly samplesWritten: number
  readonly chunkPositions: number
}

/** The fields that the footer has room for: writers add fields without another version. */
function parseFixedFields(bytes: Uint8Array, rank: number): FixedFields {
  const reader = new LittleEndianReader(bytes)
  const has = (length: number): boolean => bytes.byteLength - reader.position >= length
  const perAxis = <T>(read: () => T): T[] => reader.times(maximalRank, read).slice(0, rank)
  const hasPositions = perAxis(() => reader.uint32())
  const hasLabels = perAxis(() => reader.uint32())
  const metadataLength = has(4) ? reader.uint32() : 0
  const hasUnits = has(80 * (1 + maximalRank))
  const valueUnit = hasUnits ? readUnit(reader) : undefined
  const axisUnits = hasUnits ? perAxis(() => readUnit(reader)) : []
  const hasFlushPoints = hasUnits && has(16)
  const flushPoints = hasFlushPoints ? reader.uint64('the number of flush points') : 0
  if (hasFlushPoints) reader.skip(8)
  const hasTags = hasFlushPoints && has(8)
  const tagsLength = hasTags ? reader.uint64('the length of the dictionary') : 0
  const hasVersion = hasTags && has(12)
  if (hasVersion) reader.skip(8)
  const minFormatVersion = hasVersion ? reader.uint32() : 0
  const hasUsedEnd = hasVersion && has(8)
  if (hasUsedEnd) reader.skip(8)
  const hasChunks = hasUsedEnd && has(16)
  return {
    hasPositions,
    hasLabels,
    metadataLength,
    valueUnit,
    axisUnits,
    flushPoints,
    tagsLength,
    minFormatVersion,
    samplesWritten: hasChunks ? reader.uint64('the number of samples') : 0,
    chunkPositions: hasChunks ? reader.uint64('the number of chunks') : 0
  }
}

function readUnit(reader: LittleEndianReader): SiUnit {
  return { exponents: reader.times(9, () => [reader.int32(), reader.int32()] as const), scalefactor: reader.float64() }
}

/** The dictionary has its own length: one without its end must not swallow what follows. */
function parseTags(bytes: Uint8Array, index: number): Record<string, string> {
  if (bytes.byteLength === 0) return {}
  try {
    return readTags(new LittleEndianReader(bytes))
  } catch (error) {
    if (!(error instanceof EndOfBytes)) throw error
    throw new SourceError('ERR_CORRUPT_DATA', `the dictionary of stack ${index} has no end within its ${bytes.byteLength} bytes`)
  }
}
