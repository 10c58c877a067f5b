import { checkChecksum } from './lookup3.js'
import { corrupt, type FieldWidths, StructureReader, unsupported } from './structure-reader.js'

/** The file's first structure (specification, "Level 0A - Format Signature and Superblock"). */
export interface Superblock {
  readonly version: number
  readonly widths: FieldWidths
  /** Byte that all other addresses count from. */
  readonly baseAddress: number
  /** First byte behind the file, counted from byte 0. */
  readonly endOfFile: number
  /** Object header of the root group. */
  readonly rootAddress: number
  readonly extensionAddress: number | undefined
  /** A writer has the file open, or ended without closing it. */
  readonly openForWriting: boolean
}

const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]

/** Whether an HDF5 file, or the part of it behind a user block, begins here. */
export function hasSignature(bytes: Uint8Array): boolean {
  return signature.every((byte, at) => bytes[at] === byte)
}

/** Bytes that hold a superblock of any version. */
export const superblockBytes: number = 8 + 16 + 4 + 8 * 4 + 40

/**
 * @param position Where the superblock begins, which is where a user block ends.
 * @throws ERR_CORRUPT_DATA, ERR_UNSUPPORTED
 */
export function parseSuperblock(bytes: Uint8Array, position: number): Superblock {
  const versionByte = bytes[8]
  if (versionByte === undefined) throw corrupt('the file ends behind its signature')
  if (versionByte > 3) throw unsupported(`version ${versionByte} of the superblock is not known (known: 0, 1, 2, 3)`)
  return versionByte < 2 ? parseOld(bytes, position) : parseNew(bytes, position)
}

function parseOld(bytes: Uint8Array, position: number): Superblock {
  const prefix = new StructureReader(bytes, { offsets: 8, lengths: 8 }, 'superblock')
  prefix.skip(8)
  const version = prefix.version(0, 1)
  prefix.skip(4)
  const widths = checkWidths(prefix.u8(), prefix.u8())
  prefix.skip(1 + 2 + 2 + 4 + (version === 1 ? 4 : 0))
  const fields = new StructureReader(bytes.subarray(prefix.position), widths, 'superblock')
  const baseAddress = fields.definedAddress()
  fields.address()
  const endOfFile = fields.definedAddress()
  if (fields.address() !== undefined)
    throw unsupported('the file is one of several (family, multi or split driver); join them with h5repart first')
  // The root's symbol table entry: place of its name, and its object header.
  fields.length()
  const rootAddress = fields.definedAddress()
  return {
    version,
    widths,
    baseAddress: checkBase(baseAddress, position),
    endOfFile,
    rootAddress,
    extensionAddress: undefined,
    openForWriting: false
  }
}

function parseNew(bytes: Uint8Array, position: number): Superblock {
  const prefix = new StructureReader(bytes, { offsets: 8, lengths: 8 }, 'superblock')
  prefix.skip(8)
  const version = prefix.version(2, 3)
  const widths = checkWidths(prefix.u8(), prefix.u8())
  const flags = prefix.u8()
  const fields = new StructureReader(bytes.subarray(prefix.position), widths, 'superblock')
  const baseAddress = fields.definedAddress()
  const extensionAddress = fields.address()
  const endOfFile = fields.definedAddress()
  const rootAddress = fields.definedAddress()
  fields.skip(4)
  checkChecksum(bytes.subarray(0, prefix.position + fields.position), 'superblock')
  return {
    version,
    widths,
    baseAddress: checkBase(baseAddress, position),
    endOfFile,
    rootAddress,
    extensionAddress,
    openForWriting: version === 3 && (flags & 5) !== 0
  }
}

/** A user block may have been put before a file whose base address still says 0: the place of the signature counts. */
function checkBase(baseAddress: number, position: number): number {
  if (baseAddress !== position && baseAddress !== 0) {
    throw corrupt(`the superblock lies at byte ${position}, but says that it lies at ${baseAddress}`)
  }
  return position
}

function checkWidths(offsets: number, lengths: number): FieldWidths {
  for (const width of [offsets, lengths]) {
    if (width !== 2 && width !== 4 && width !== 8) throw corrupt(`the superblock says that addresses or sizes have ${width} bytes`)
  }
  return { offsets, lengths }
}
