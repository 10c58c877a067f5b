/**
 * What the kernel offers, in WebAssembly (`assembly/`) and as a scalar twin in TypeScript (`scalar/`). Every place is an offset
 * into the kernel's memory. Areas that a function reads or writes need {@link slack} bytes behind them: copies step by 16 bytes
 * and may overwrite what follows the destination.
 */
export interface KernelFunctions {
  /** Signed 32-bit, as all checksums here. */
  adler32(source: number, length: number): number
  /** Bit shuffle of elements whose number is a multiple of 8; `workspace` holds `length` bytes. */
  bitShuffle(source: number, length: number, elementSize: number, destination: number, workspace: number): void
  bitUnshuffle(source: number, length: number, elementSize: number, destination: number, workspace: number): void
  /** Length of the decoded stream, or -1 if it is damaged or longer than `capacity`. */
  blosclzDecode(source: number, sourceLength: number, destination: number, capacity: number): number
  /** Length of the encoded stream, or 0 if it would not fit into `capacity`. */
  blosclzEncode(source: number, sourceLength: number, destination: number, capacity: number, workspace: number): number
  blosclzWorkspaceSize(): number
  /** Reverses the bytes of each element of 2, 4 or 8 bytes; may work in place. */
  byteSwap(source: number, length: number, elementSize: number, destination: number): void
  /** Copies a three-dimensional box of elements. Strides are bytes and may be negative. */
  copyBox(
    source: number,
    sourceStride0: number,
    sourceStride1: number,
    sourceStride2: number,
    destination: number,
    destinationStride0: number,
    destinationStride1: number,
    destinationStride2: number,
    count0: number,
    count1: number,
    count2: number,
    itemSize: number
  ): void
  /** Goes on from the CRC `start`. */
  crc(source: number, length: number, tables: number, start: number): number
  /** Builds the tables of a reflected polynomial. */
  crcTables(polynomial: number, tables: number): void
  crcTablesSize(): number
  /** Running sums of integers of 1, 2, 4 or 8 bytes; may work in place. */
  deltaDecode(source: number, length: number, elementSize: number, destination: number): void
  deltaEncode(source: number, length: number, elementSize: number, destination: number): void
  fletcher32(source: number, length: number): number
  /** Undoes TIFF's predictor 3 on rows of floats; changes `source`, which must not overlap the destination. */
  floatingPointDecode(source: number, length: number, elementSize: number, rowLength: number, distance: number, destination: number): void
  floatingPointEncode(source: number, length: number, elementSize: number, rowLength: number, distance: number, destination: number): void
  /** Undoes TIFF's predictor 2 in place, on rows of integers of 1, 2, 4 or 8 bytes: each is added to the one `distance` before. */
  horizontalDecode(place: number, length: number, elementSize: number, rowLength: number, distance: number): void
  horizontalEncode(place: number, length: number, elementSize: number, rowLength: number, distance: number): void
  /** Length of the decoded deflate stream, or -1 damaged, -2 cut short, -3 longer than `capacity`. */
  inflate(source: number, sourceLength: number, destination: number, capacity: number, workspace: number): number
  /** Prepares {@link inflateSome} to begin at a bit: at the header of a block, or where `storedLeft` bytes of a stored block are left. */
  inflateBegin(workspace: number, bit: number, storedLeft: number, isLastBlock: number): void
  /** Bytes that the last `inflate` or `inflateSome` with this workspace consumed. */
  inflateConsumed(workspace: number): number
  /** Lets {@link inflateSome} go on at another bit of the block whose header it has decoded. */
  inflateSeek(workspace: number, bit: number): void
  /**
   * Decodes until the stream ends (0), `stop` bytes and at most `inflateOverrun` more are written (1), or the input is used up (2,
   * unless `isAllInput`); errors as from `inflate`. Goes on where the last call with this workspace left off, with the input from
   * `inflateFields`.consumed on. `history` is the place where the output begins that may be repeated.
   */
  inflateSome(
    source: number,
    sourceLength: number,
    isAllInput: number,
    history: number,
    destination: number,
    capacity: number,
    stop: number,
    workspace: number
  ): number
  inflateWorkspaceSize(): number
  /** Length of the decoded block, or -1 if it is damaged or longer than `capacity`. */
  lz4Decode(source: number, sourceLength: number, destination: number, capacity: number): number
  /** Length of the encoded block, or 0 if it would not fit into `capacity`. */
  lz4Encode(source: number, sourceLength: number, destination: number, capacity: number, workspace: number, acceleration: number): number
  lz4WorkspaceSize(): number
  /** Length of the decoded bytes, at most `capacity`, where decoding stops; -1 damaged. */
  lzwDecode(source: number, sourceLength: number, destination: number, capacity: number, workspace: number): number
  lzwWorkspaceSize(): number
  /** Byte shuffle; source and destination must not overlap. A rest shorter than an element is copied. */
  shuffle(source: number, length: number, elementSize: number, destination: number): void
  /** Length of the decoded block, or -1 if it is damaged or longer than `capacity`. */
  snappyDecode(source: number, sourceLength: number, destination: number, capacity: number): number
  /** Length of the encoded block, or 0 if it would not fit into `capacity`. */
  snappyEncode(source: number, sourceLength: number, destination: number, capacity: number, workspace: number): number
  snappyWorkspaceSize(): number
  unshuffle(source: number, length: number, elementSize: number, destination: number): void
  xxhash32(source: number, length: number, seed: number): number
  /** Length of all frames decoded, or -1 damaged, -2 cut short, -3 longer than `capacity`, -4 wrong checksum, -5 needs a dictionary. */
  zstdDecode(source: number, sourceLength: number, destination: number, capacity: number, workspace: number): number
  /** A capacity that is enough for all frames, or an error as from `zstdDecode`. */
  zstdDecodedBound(source: number, sourceLength: number): number
  /** Length of the encoded frame, or -3 if it would not fit into `capacity`. `checksum` is 0 or 1. */
  zstdEncode(
    source: number,
    sourceLength: number,
    destination: number,
    capacity: number,
    level: number,
    checksum: number,
    workspace: number
  ): number
  /** A capacity that is enough for every source of this length. */
  zstdEncodeBound(sourceLength: number): number
  zstdEncodeWorkspaceSize(sourceLength: number, level: number): number
  zstdWorkspaceSize(): number
}

/** Bytes behind every area that kernel functions may read and overwrite. */
export const slack = 64

const names = [
  'adler32',
  'bitShuffle',
  'bitUnshuffle',
  'blosclzDecode',
  'blosclzEncode',
  'blosclzWorkspaceSize',
  'byteSwap',
  'copyBox',
  'crc',
  'crcTables',
  'crcTablesSize',
  'deltaDecode',
  'deltaEncode',
  'fletcher32',
  'floatingPointDecode',
  'floatingPointEncode',
  'horizontalDecode',
  'horizontalEncode',
  'inflate',
  'inflateBegin',
  'inflateConsumed',
  'inflateSeek',
  'inflateSome',
  'inflateWorkspaceSize',
  'lz4Decode',
  'lz4Encode',
  'lz4WorkspaceSize',
  'lzwDecode',
  'lzwWorkspaceSize',
  'shuffle',
  'snappyDecode',
  'snappyEncode',
  'snappyWorkspaceSize',
  'unshuffle',
  'xxhash32',
  'zstdDecode',
  'zstdDecodedBound',
  'zstdEncode',
  'zstdEncodeBound',
  'zstdEncodeWorkspaceSize',
  'zstdWorkspaceSize'
] as const satisfies readonly (keyof KernelFunctions)[]

type ExportedFunction = (...values: readonly number[]) => number

/** Checks that an instance exports every kernel function. */
export function parseExports(exports: WebAssembly.Exports): KernelFunctions {
  for (const name of names) {
    if (typeof exports[name] !== 'function') throw new TypeError(`The kernel does not export ${name}; run build-kernel.mjs`)
  }
  const isComplete = (value: WebAssembly.Exports): value is Record<keyof KernelFunctions, ExportedFunction> => value === exports
  if (!isComplete(exports)) throw new TypeError('unreachable')
  return exports
}
