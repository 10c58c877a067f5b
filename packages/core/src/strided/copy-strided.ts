import type { StridedBox } from '../chunked/codec.js'
import { copyRows } from './copy-rows.js'
import { forEachOffset, type Loop, oneStep, simplifyLoops } from './loops.js'
import { wordSize, words16, words32 } from './words.js'

/** Elements along each side of a tile: so few that both its sides stay in the fastest cache. */
const tileLength = 64

/**
 * Copies a box of elements between two byte arrays with any strides. Bytes are moved, never numbers, so that every NaN
 * keeps its payload.
 */
export function copyStrided(box: StridedBox): void {
  const loops = simplifyLoops(box)
  if (loops === undefined) return
  const { source, destination, itemSize } = box
  const rows = loops.at(-1)
  if (rows === undefined || (rows.sourceStride === itemSize && rows.destinationStride === itemSize)) {
    loops.pop()
    copyRows(source, box.sourceOffset, destination, box.destinationOffset, loops, (rows?.length ?? 1) * itemSize)
  } else {
    copyItems(source, box.sourceOffset, destination, box.destinationOffset, loops, itemSize)
  }
}

/** Fills a box with one element, given by its bytes. */
export function fillStrided(
  destination: Uint8Array,
  offset: number,
  strides: readonly number[],
  shape: readonly number[],
  item: Uint8Array
): void {
  const itemSize = item.byteLength
  const loops = simplifyLoops({ shape, sourceStrides: shape.map(() => 0), destinationStrides: strides })
  if (loops === undefined) return
  const row = loops.at(-1)
  if (row === undefined || row.destinationStride !== itemSize) {
    copyItems(item, 0, destination, offset, loops, itemSize)
    return
  }
  loops.pop()
  const rowBytes = row.length * itemSize
  const [first = 0] = item
  const uniform = item.every((byte) => byte === first)
  forEachOffset(loops, 0, offset, (_, start) => {
    if (uniform) destination.fill(first, start, start + rowBytes)
    else fillRow(destination, start, rowBytes, item)
  })
}

/** Swaps the bytes of every component (2, 4 or 8 bytes) in place. */
export function swapBytes(bytes: Uint8Array, componentSize: number): void {
  if (componentSize === 1) return
  const buffer = globalThis.Buffer?.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (componentSize === 2 && buffer !== undefined) buffer.swap16()
  else if (componentSize === 4 && buffer !== undefined) buffer.swap32()
  else if (componentSize === 8 && buffer !== undefined) buffer.swap64()
  else {
    for (let at = 0; at + componentSize <= bytes.length; at += componentSize) bytes.subarray(at, at + componentSize).reverse()
  }
}

function copyItems(
  source: Uint8Array,
  sourceOffset: number,
  destination: Uint8Array,
  destinationOffset: number,
  loops: Loop[],
  itemSize: number
): void {
  const size = wordSize(itemSize, source.byteOffset + sourceOffset, destination.byteOffset + destinationOffset, loops)
  const unit = size === 8 ? 4 : size
  const copyPlane = planeCopier(source, destination, unit)
  const inner = loops.pop() ?? oneStep
  const outer = takeFastestInSource(loops)
  forEachOffset(loops, sourceOffset, destinationOffset, (sourceStart, destinationStart) => {
    // In tiles: one axis runs along the cache lines of the source, the other along those of the destination.
    for (let y = 0; y < outer.length; y += tileLength) {
      const tileOuter = { ...outer, length: Math.min(tileLength, outer.length - y) }
      for (let x = 0; x < inner.length; x += tileLength) {
        const tileInner = { ...inner, length: Math.min(tileLength, inner.length - x) }
        const from = sourceStart + y * outer.sourceStride + x * inner.sourceStride
        const to = destinationStart + y * outer.destinationStride + x * inner.destinationStride
        for (let byte = 0; byte < itemSize; byte += unit) copyPlane(from + byte, to + byte, tileOuter, tileInner)
      }
    }
  })
}

/** Takes the loop out whose steps are shortest in the source: with the innermost one, it makes the tiles. */
function takeFastestInSource(loops: Loop[]): Loop {
  let best = loops.length - 1
  for (const [at, loop] of loops.entries()) {
    if (Math.abs(loop.sourceStride) < Math.abs(loops[best]?.sourceStride ?? 0)) best = at
  }
  return loops.splice(best, 1)[0] ?? oneStep
}

/** Copies words: `rows` times `columns` of them, from a byte offset in the source to one in the destination. */
type PlaneCopy = (from: number, to: number, rows: Loop, columns: Loop) => void

/** The same loop three times over: an engine compiles each for one kind of array, which is several times faster. */
function planeCopier(source: Uint8Array, destination: Uint8Array, unit: 1 | 2 | 4): PlaneCopy {
  const sourceShift = source.byteOffset % unit
  const destinationShift = destination.byteOffset % unit
  if (unit === 1) return (from, to, rows, columns) => copyPlane8(source, destination, from, to, rows, columns)
  if (unit === 2) {
    const [sourceWords, destinationWords] = [words16(source), words16(destination)]
    return (from, to, rows, columns) =>
      copyPlane16(sourceWords, destinationWords, (from + sourceShift) / 2, (to + destinationShift) / 2, rows, columns)
  }
  const [sourceWords, destinationWords] = [words32(source), words32(destination)]
  return (from, to, rows, columns) =>
    copyPlane32(sourceWords, destinationWords, (from + sourceShift) / 4, (to + destinationShift) / 4, rows, columns)
}

function copyPlane8(source: Uint8Array, destination: Uint8Array, from: number, to: number, rows: Loop, columns: Loop): void {
  for (let row = 0; row < rows.length; row++) {
    let read = from + row * rows.sourceStride
    let write = to + row * rows.destinationStride
    for (let column = 0; column < columns.length; column++) {
      destination[write] = source[read] ?? 0
      read += columns.sourceStride
      write += columns.destinationStride
    }
  }
}

function copyPlane16(source: Uint16Array, destination: Uint16Array, from: number, to: number, rows: Loop, columns: Loop): void {
  // Divided, not shifted, here and below: a shift would cut places beyond 2 GiB to 32 bits.
  const [readStep, writeStep] = [columns.sourceStride / 2, columns.destinationStride / 2]
  for (let row = 0; row < rows.length; row++) {
    let read = from + (row * rows.sourceStride) / 2
    let write = to + (row * rows.destinationStride) / 2
    for (let column = 0; column < columns.length; column++) {
      destination[write] = source[read] ?? 0
      read += readStep
      write += writeStep
    }
  }
}

function copyPlane32(source: Uint32Array, destination: Uint32Array, from: number, to: number, rows: Loop, columns: Loop): void {
  const [readStep, writeStep] = [columns.sourceStride / 4, columns.destinationStride / 4]
  for (let row = 0; row < rows.length; row++) {
    let read = from + (row * rows.sourceStride) / 4
    let write = to + (row * rows.destinationStride) / 4
    for (let column = 0; column < columns.length; column++) {
      destination[write] = source[read] ?? 0
      read += readStep
      write += writeStep
    }
  }
}

function fillRow(destination: Uint8Array, start: number, rowBytes: number, item: Uint8Array): void {
  destination.set(item, start)
  for (let filled = item.byteLength; filled < rowBytes; filled *= 2) {
    destination.copyWithin(start + filled, start, start + Math.min(filled, rowBytes - filled))
  }
}
