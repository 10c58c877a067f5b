import { SourceError, type Store } from '@bioimage/core'
import { EndOfBytes, LittleEndianReader } from './little-endian-reader.js'

const firstBytes = 4096
/** What a header, a footer or a dictionary may take. Those of real files are below 4 MiB. */
const largestStructure = 64 << 20

/** The file that structures are read from. */
export interface ObfFile {
  readonly store: Store
  /** Bytes of the file. */
  readonly size: number
  /** The beginning of the file, which often holds what is asked for next. */
  readonly prefix: Uint8Array
}

/** Where a structure lies, for messages too. */
export interface StructurePlace {
  /** Such as `the header of stack 2`. */
  readonly what: string
  readonly position: number
}

/**
 * Parses a structure of unknown length: reads as much of the file as it takes, more in each try.
 *
 * @throws ERR_CORRUPT_DATA where the file ends before it; ERR_UNSUPPORTED for one above 64 MiB.
 */
export async function readStructure<T>(
  { store, size, prefix }: ObfFile,
  { what, position }: StructurePlace,
  parse: (reader: LittleEndianReader) => T,
  signal: AbortSignal | undefined
): Promise<T> {
  if (position >= size) throw new SourceError('ERR_CORRUPT_DATA', `${what} is said to be at byte ${position} of a file of ${size} bytes`)
  let bytes: Uint8Array | undefined = prefix.subarray(position)
  for (let length = firstBytes; ; length *= 16) {
    try {
      return parse(new LittleEndianReader(bytes))
    } catch (error) {
      if (!(error instanceof EndOfBytes)) throw error
      if (position + bytes.byteLength >= size) throw new SourceError('ERR_CORRUPT_DATA', `the file ends inside ${what}, at byte ${size}`)
      if (length > largestStructure) throw new SourceError('ERR_UNSUPPORTED', `${what} is longer than ${largestStructure} bytes`)
    }
    const expected = Math.min(length, size - position)
    bytes = await store.get('', { range: { offset: position, length: expected }, signal })
    if (bytes?.byteLength !== expected) {
      throw new SourceError('ERR_CORRUPT_DATA', `${store.path ?? 'the file'} was cut since it was opened`, { path: store.path })
    }
  }
}
