import { SourceError } from '@bioimage/core'
import type { KernelFunctions } from '../kernel-functions.js'
import { bitShuffle, bitUnshuffle } from './bit-shuffle.js'
import { blosclzDecode } from './blosclz.js'
import { shuffle, unshuffle } from './byte-shuffle.js'
import { byteSwap } from './byte-swap.js'
import { adler32, fletcher32 } from './checksums.js'
import { copyBox } from './copy-box.js'
import { crc, crcTables, crcTablesSize } from './crc.js'
import { deltaDecode, deltaEncode } from './delta.js'
import { inflate, inflateBegin, inflateConsumed, inflateSeek, inflateSome, inflateWorkspaceSize } from './inflate.js'
import { lz4Decode, lz4Encode, lz4WorkspaceSize } from './lz4.js'
import { lzwDecode, lzwWorkspaceSize } from './lzw.js'
import { floatingPointDecode, floatingPointEncode, horizontalDecode, horizontalEncode } from './predictor.js'
import { snappyDecode } from './snappy.js'
import { xxhash32 } from './xxhash32.js'

/** The kernel in TypeScript, working on the bytes that `memory` gives: for runtimes without WebAssembly SIMD, and as test oracle. */
export function scalarFunctions(memory: () => Uint8Array): KernelFunctions {
  return {
    adler32: (source, length) => adler32(memory(), source, length),
    bitShuffle: (source, length, elementSize, destination) => bitShuffle(memory(), source, length, elementSize, destination),
    bitUnshuffle: (source, length, elementSize, destination) => bitUnshuffle(memory(), source, length, elementSize, destination),
    blosclzDecode: (source, length, destination, capacity) => blosclzDecode(memory(), source, length, destination, capacity),
    blosclzEncode: doesNotFit,
    blosclzWorkspaceSize: () => 0,
    byteSwap: (source, length, elementSize, destination) => byteSwap(memory(), source, length, elementSize, destination),
    copyBox: (source, s0, s1, s2, destination, d0, d1, d2, count0, count1, count2, itemSize) =>
      copyBox(memory(), source, [s0, s1, s2], destination, [d0, d1, d2], [count0, count1, count2], itemSize),
    crc: (source, length, tables, start) => crc(memory(), source, length, tables, start),
    crcTables: (polynomial, tables) => crcTables(memory(), polynomial, tables),
    crcTablesSize,
    deltaDecode: (source, length, elementSize, destination) => deltaDecode(memory(), source, length, elementSize, destination),
    deltaEncode: (source, length, elementSize, destination) => deltaEncode(memory(), source, length, elementSize, destination),
    fletcher32: (source, length) => fletcher32(memory(), source, length),
    floatingPointDecode: (source, length, elementSize, rowLength, distance, destination) =>
      floatingPointDecode(memory(), source, length, elementSize, rowLength, distance, destination),
    floatingPointEncode: (source, length, elementSize, rowLength, distance, destination) =>
      floatingPointEncode(memory(), source, length, elementSize, rowLength, distance, destination),
    horizontalDecode: (place, length, elementSize, rowLength, distance) =>
      horizontalDecode(memory(), place, length, elementSize, rowLength, distance),
    horizontalEncode: (place, length, elementSize, rowLength, distance) =>
      horizontalEncode(memory(), place, length, elementSize, rowLength, distance),
    inflate: (source, length, destination, capacity, workspace) => inflate(memory(), source, length, destination, capacity, workspace),
    inflateBegin: (workspace, bit, storedLeft, isLastBlock) => inflateBegin(memory(), workspace, bit, storedLeft, isLastBlock),
    inflateConsumed: (workspace) => inflateConsumed(memory(), workspace),
    inflateSeek: (workspace, bit) => inflateSeek(memory(), workspace, bit),
    inflateSome: (...values) => inflateSome(memory(), ...values),
    inflateWorkspaceSize,
    lz4Decode: (source, length, destination, capacity) => lz4Decode(memory(), source, length, destination, capacity),
    lz4Encode: (source, length, destination, capacity, workspace, acceleration) =>
      lz4Encode(memory(), source, length, destination, capacity, workspace, acceleration),
    lz4WorkspaceSize,
    lzwDecode: (source, length, destination, capacity) => lzwDecode(memory(), source, length, destination, capacity),
    lzwWorkspaceSize,
    shuffle: (source, length, elementSize, destination) => shuffle(memory(), source, length, elementSize, destination),
    snappyDecode: (source, length, destination, capacity) => snappyDecode(memory(), source, length, destination, capacity),
    snappyEncode: doesNotFit,
    snappyWorkspaceSize: () => 0,
    unshuffle: (source, length, elementSize, destination) => unshuffle(memory(), source, length, elementSize, destination),
    xxhash32: (source, length, seed) => xxhash32(memory(), source, length, seed),
    zstdDecode: needsWasm,
    zstdDecodedBound: needsWasm,
    zstdEncode: needsWasm,
    zstdEncodeBound: needsWasm,
    zstdEncodeWorkspaceSize: () => 0,
    zstdWorkspaceSize: () => 0
  }
}

/** The encoders of rare formats are only in WebAssembly. Their callers store what does not fit, which every reader accepts. */
function doesNotFit(): number {
  return 0
}

function needsWasm(): never {
  throw new SourceError('ERR_UNSUPPORTED', 'zstd needs WebAssembly with SIMD, which this runtime lacks or forbids')
}
