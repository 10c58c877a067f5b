import type { KernelFunctions } from '../kernel-functions.js'
import { bitShuffle, bitUnshuffle } from './bit-shuffle.js'
import { shuffle, unshuffle } from './byte-shuffle.js'
import { byteSwap } from './byte-swap.js'
import { crc, crcTables, crcTablesSize } from './crc.js'
import { lz4Decode, lz4Encode, lz4WorkspaceSize } from './lz4.js'

/** The kernel in TypeScript, working on the bytes that `memory` gives: for runtimes without WebAssembly SIMD, and as test oracle. */
export function scalarFunctions(memory: () => Uint8Array): KernelFunctions {
  return {
    bitShuffle: (source, length, elementSize, destination) => bitShuffle(memory(), source, length, elementSize, destination),
    bitUnshuffle: (source, length, elementSize, destination) => bitUnshuffle(memory(), source, length, elementSize, destination),
    byteSwap: (source, length, elementSize, destination) => byteSwap(memory(), source, length, elementSize, destination),
    crc: (source, length, tables, start) => crc(memory(), source, length, tables, start),
    crcTables: (polynomial, tables) => crcTables(memory(), polynomial, tables),
    crcTablesSize,
    lz4Decode: (source, length, destination, capacity) => lz4Decode(memory(), source, length, destination, capacity),
    lz4Encode: (source, length, destination, capacity, workspace, acceleration) =>
      lz4Encode(memory(), source, length, destination, capacity, workspace, acceleration),
    lz4WorkspaceSize,
    shuffle: (source, length, elementSize, destination) => shuffle(memory(), source, length, elementSize, destination),
    unshuffle: (source, length, elementSize, destination) => unshuffle(memory(), source, length, elementSize, destination)
  }
}
