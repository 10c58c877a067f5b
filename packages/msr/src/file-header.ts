import { SourceError, type Store } from '@bioimage/core'
import type { LittleEndianReader } from './little-endian-reader.js'
import { isImspectorArchive, isObf } from './magic.js'
import { type ObfFile, readStructure } from './read-structure.js'
import { readTags } from './tag-dictionary.js'

/** OBF_FILE_HEADER, and what it points to. */
export interface FileHeader {
  readonly format_version: number
  /** Byte of the first stack; 0 if there is none. */
  readonly first_stack_pos: number
  readonly description: string
  /** Byte of the dictionary of the file; 0 if there is none. */
  readonly meta_data_position: number
}

const prefixBytes = 16384

/**
 * Reads the beginning of a file.
 *
 * @throws ERR_NOT_FOUND; ERR_UNSUPPORTED for the older container; ERR_CORRUPT_DATA for any other file.
 */
export async function readFileHeader(
  store: Store,
  signal: AbortSignal | undefined
): Promise<{ readonly file: ObfFile; readonly header: FileHeader }> {
  const prefix = await store.get('', { range: { offset: 0, length: prefixBytes }, signal })
  const size = await store.size('', { signal })
  if (prefix === undefined || size === undefined) {
    throw new SourceError('ERR_NOT_FOUND', `${store.path ?? 'the file'} does not exist`, { path: store.path })
  }
  if (!isObf(prefix)) throw notObf(prefix)
  const file = { store, size, prefix }
  return { file, header: await readStructure(file, { what: 'the header of the file', position: 0 }, parseFileHeader, signal) }
}

/** The dictionary of the file, such as `ome_xml`; empty if it has none. */
export async function readFileTags(
  file: ObfFile,
  { meta_data_position: position }: FileHeader,
  signal: AbortSignal | undefined
): Promise<Record<string, string>> {
  return position === 0 ? {} : readStructure(file, { what: 'the dictionary of the file', position }, readTags, signal)
}

function parseFileHeader(reader: LittleEndianReader): FileHeader {
  reader.skip(10)
  const version = reader.uint32()
  const first = reader.uint64('the position of the first stack')
  const description = reader.text(reader.uint32())
  return {
    format_version: version,
    first_stack_pos: first,
    description,
    meta_data_position: version >= 2 ? reader.uint64('the position of the dictionary') : 0
  }
}

function notObf(prefix: Uint8Array): SourceError {
  if (isImspectorArchive(prefix)) {
    return new SourceError(
      'ERR_UNSUPPORTED',
      'this is the .msr of Imspector Pro (LaVision BioTec), an MFC archive with CDataStack and no OBF file; export it as OME-TIFF with Imspector Pro, or convert it with Bio-Formats'
    )
  }
  return new SourceError('ERR_CORRUPT_DATA', 'this is no OBF file: it does not begin with "OMAS_BF"')
}
