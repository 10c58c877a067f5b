/**
 * What the kernel offers, in WebAssembly (`assembly/`) and as a scalar twin in TypeScript (`scalar/`). Every place is an offset
 * into the kernel's memory. Areas that a function writes need {@link slack} bytes behind them: copies step by 16 bytes.
 */
export interface KernelFunctions {
  /** Bit shuffle of elements whose number is a multiple of 8; `workspace` holds `length` bytes. */
  bitShuffle(source: number, length: number, elementSize: number, destination: number, workspace: number): void
  bitUnshuffle(source: number, length: number, elementSize: number, destination: number, workspace: number): void
  /** Reverses the bytes of each element of 2, 4 or 8 bytes; may work in place. */
  byteSwap(source: number, length: number, elementSize: number, destination: number): void
  /** Goes on from the CRC `start`. The result is a signed 32-bit number. */
  crc(source: number, length: number, tables: number, start: number): number
  /** Builds the tables of a reflected polynomial. */
  crcTables(polynomial: number, tables: number): void
  crcTablesSize(): number
  /** Length of the decoded block, or -1 if it is damaged or longer than `capacity`. */
  lz4Decode(source: number, sourceLength: number, destination: number, capacity: number): number
  /** Length of the encoded block, or 0 if it would not fit into `capacity`. */
  lz4Encode(source: number, sourceLength: number, destination: number, capacity: number, workspace: number, acceleration: number): number
  lz4WorkspaceSize(): number
  /** Byte shuffle; source and destination must not overlap. A rest shorter than an element is copied. */
  shuffle(source: number, length: number, elementSize: number, destination: number): void
  unshuffle(source: number, length: number, elementSize: number, destination: number): void
}

/** Bytes behind every area that kernel functions may overwrite. */
export const slack = 64

const names = [
  'bitShuffle',
  'bitUnshuffle',
  'byteSwap',
  'crc',
  'crcTables',
  'crcTablesSize',
  'lz4Decode',
  'lz4Encode',
  'lz4WorkspaceSize',
  'shuffle',
  'unshuffle'
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
