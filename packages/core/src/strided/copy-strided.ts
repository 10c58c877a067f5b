import type { StridedBox } from '../chunked/codec.js'

/** One axis of a box that is walked: elements, and bytes between them on both sides. */
export interface Loop {
  length: number
  sourceStride: number
  destinationStride: number
}

const oneStep: Loop = { length: 1, sourceStride: 0, destinationStride: 0 }

/** Elements along each side of a tile: so few that both its sides stay in the fastest cache. */
const tileLength = 64

/** Rows up to this many bytes are copied by a loop over 32-bit words, longer ones by `set`: a call costs more than the loop. */
const wordLoopBytes = 512

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

/** Drops axes of length 1, orders the rest by the destination's strides and joins axes that are one run in both arrays. */
export function simplifyLoops(box: Pick<StridedBox, 'shape' | 'sourceStrides' | 'destinationStrides'>): Loop[] | undefined {
  const loops: Loop[] = []
  for (const [axis, length] of box.shape.entries()) {
    if (length === 0) return undefined
    if (length > 1) loops.push({ length, sourceStride: box.sourceStrides[axis] ?? 0, destinationStride: box.destinationStrides[axis] ?? 0 })
  }
  loops.sort((a, b) => Math.abs(b.destinationStride) - Math.abs(a.destinationStride))
  for (let at = loops.length - 1; at > 0; at--) {
    const inner = loops[at]
    const outer = loops[at - 1]
    if (inner === undefined || outer === undefined) continue
    if (outer.sourceStride === inner.sourceStride * inner.length && outer.destinationStride === inner.destinationStride * inner.length) {
      outer.length *= inner.length
      outer.sourceStride = inner.sourceStride
      outer.destinationStride = inner.destinationStride
      loops.splice(at, 1)
    }
  }
  return loops
}

/** Visits the places of the innermost rows of nested loops. */
export function forEachOffset(
  loops: readonly Loop[],
  sourceOffset: number,
  destinationOffset: number,
  visit: (source: number, destination: number) => void,
  depth = 0
): void {
  const loop = loops[depth]
  if (loop === undefined) {
    visit(sourceOffset, destinationOffset)
    return
  }
  for (let at = 0; at < loop.length; at++) {
    forEachOffset(loops, sourceOffset + at * loop.sourceStride, destinationOffset + at * loop.destinationStride, visit, depth + 1)
  }
}

function copyRows(
  source: Uint8Array,
  sourceOffset: number,
  destination: Uint8Array,
  destinationOffset: number,
  loops: Loop[],
  rowBytes: number
): void {
  const rows = loops.pop() ?? oneStep
  const unit = wordSize(rowBytes, source.byteOffset + sourceOffset, destination.byteOffset + destinationOffset, loops.concat(rows))
  if (rowBytes <= wordLoopBytes && unit === 4) {
    const from = new Int32Array(source.buffer, source.byteOffset - (source.byteOffset % 4), words32(source).length)
    const to = new Int32Array(destination.buffer, destination.byteOffset - (destination.byteOffset % 4), words32(destination).length)
    const [sourceShift, destinationShift] = [source.byteOffset % 4, destination.byteOffset % 4]
    forEachOffset(loops, sourceOffset + sourceShift, destinationOffset + destinationShift, (read, write) =>
      copyWordRows(from, to, read, write, rows, rowBytes / 4)
    )
    return
  }
  forEachOffset(loops, sourceOffset, destinationOffset, (sourceStart, destinationStart) => {
    for (let row = 0; row < rows.length; row++) {
      const start = sourceStart + row * rows.sourceStride
      destination.set(source.subarray(start, start + rowBytes), destinationStart + row * rows.destinationStride)
    }
  })
}

function copyItems(
  source: Uint8Array,
  sourceOffset: number,
  destination: Uint8Array,
  destinationOffset: number,
  loops: Loop[],
  itemSize: number
): void {
  const unit = wordSize(itemSize, source.byteOffset + sourceOffset, destination.byteOffset + destinationOffset, loops)
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

/** Rows of words, eight at a step: for short rows several times as fast as a call of `set` per row. */
function copyWordRows(source: Int32Array, destination: Int32Array, from: number, to: number, rows: Loop, words: number): void {
  const unrolled = words - (words % 8)
  for (let row = 0; row < rows.length; row++) {
    let read = (from + row * rows.sourceStride) / 4
    let write = (to + row * rows.destinationStride) / 4
    const stop = read + unrolled
    for (; read < stop; read += 8, write += 8) {
      destination[write] = source[read] ?? 0
      destination[write + 1] = source[read + 1] ?? 0
      destination[write + 2] = source[read + 2] ?? 0
      destination[write + 3] = source[read + 3] ?? 0
      destination[write + 4] = source[read + 4] ?? 0
      destination[write + 5] = source[read + 5] ?? 0
      destination[write + 6] = source[read + 6] ?? 0
      destination[write + 7] = source[read + 7] ?? 0
    }
    for (let word = unrolled; word < words; word++) destination[write++] = source[read++] ?? 0
  }
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

/** The largest integer word (1, 2 or 4 bytes) in which every element and stride is whole. (Bit operations keep the low bits of any integer.) */
function wordSize(itemSize: number, sourceStart: number, destinationStart: number, loops: readonly Loop[]): 1 | 2 | 4 {
  const bits = loops.reduce((bits, loop) => bits | loop.sourceStride | loop.destinationStride, itemSize | sourceStart | destinationStart)
  if ((bits & 3) === 0) return 4
  return (bits & 1) === 0 ? 2 : 1
}

/** The words of a byte array from the word on in which it begins. */
function words16(bytes: Uint8Array): Uint16Array {
  const rest = bytes.byteOffset % 2
  return new Uint16Array(bytes.buffer, bytes.byteOffset - rest, Math.floor((bytes.byteLength + rest) / 2))
}

function words32(bytes: Uint8Array): Uint32Array {
  const rest = bytes.byteOffset % 4
  return new Uint32Array(bytes.buffer, bytes.byteOffset - rest, Math.floor((bytes.byteLength + rest) / 4))
}

function fillRow(destination: Uint8Array, start: number, rowBytes: number, item: Uint8Array): void {
  destination.set(item, start)
  for (let filled = item.byteLength; filled < rowBytes; filled *= 2) {
    destination.copyWithin(start + filled, start, start + Math.min(filled, rowBytes - filled))
  }
}
