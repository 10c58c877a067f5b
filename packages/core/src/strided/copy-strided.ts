import type { StridedBox } from '../chunked/codec.js'

interface Loop {
  length: number
  sourceStride: number
  destinationStride: number
}

/** Rows up to this many bytes are copied by a loop over 32-bit words, longer ones by `set`: a call costs more than the loop. */
const wordLoopBytes = 96

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
  const loops = simplifyLoops({
    shape,
    itemSize,
    source: item,
    sourceOffset: 0,
    sourceStrides: shape.map(() => 0),
    destination,
    destinationOffset: offset,
    destinationStrides: strides
  })
  if (loops === undefined) return
  const row = loops.at(-1)
  if (row === undefined || row.destinationStride !== itemSize) {
    copyItems(item, 0, destination, offset, loops, itemSize)
    return
  }
  loops.pop()
  const rowBytes = row.length * itemSize
  forEachOffset(loops, 0, offset, (_, start) => {
    if (item.every((byte) => byte === item[0])) destination.fill(item[0] ?? 0, start, start + rowBytes)
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
function simplifyLoops(box: StridedBox): Loop[] | undefined {
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

function forEachOffset(
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
  const rows = loops.pop() ?? { length: 1, sourceStride: 0, destinationStride: 0 }
  const misalignment =
    rowBytes |
    (source.byteOffset + sourceOffset) |
    (destination.byteOffset + destinationOffset) |
    loops.concat(rows).reduce((bits, loop) => bits | loop.sourceStride | loop.destinationStride, 0)
  if (rowBytes <= wordLoopBytes && (misalignment & 3) === 0) {
    const from = new Int32Array(source.buffer, source.byteOffset & ~3, (source.byteLength + (source.byteOffset & 3)) >> 2)
    const to = new Int32Array(destination.buffer, destination.byteOffset & ~3, (destination.byteLength + (destination.byteOffset & 3)) >> 2)
    const words = rowBytes >> 2
    forEachOffset(
      loops,
      sourceOffset + (source.byteOffset & 3),
      destinationOffset + (destination.byteOffset & 3),
      (sourceStart, destinationStart) => {
        for (let row = 0; row < rows.length; row++) {
          let read = (sourceStart + row * rows.sourceStride) >> 2
          let write = (destinationStart + row * rows.destinationStride) >> 2
          for (let word = 0; word < words; word++) to[write++] = from[read++] ?? 0
        }
      }
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
  const inner = loops.pop() ?? { length: 1, sourceStride: 0, destinationStride: 0 }
  const unit = wordSize(itemSize, source.byteOffset + sourceOffset, destination.byteOffset + destinationOffset, loops.concat(inner))
  const words = itemSize / unit
  const shift = Math.log2(unit)
  const from = wordView(source, unit)
  const to = wordView(destination, unit)
  const sourceStep = inner.sourceStride >> shift
  const destinationStep = inner.destinationStride >> shift
  forEachOffset(
    loops,
    sourceOffset + (source.byteOffset % unit),
    destinationOffset + (destination.byteOffset % unit),
    (sourceStart, destinationStart) => {
      for (let word = 0; word < words; word++) {
        let read = sourceStart / unit + word
        let write = destinationStart / unit + word
        for (let at = 0; at < inner.length; at++) {
          to[write] = from[read] ?? 0
          read += sourceStep
          write += destinationStep
        }
      }
    }
  )
}

/** The largest integer word (1, 2 or 4 bytes) in which every element and stride is whole. */
function wordSize(itemSize: number, sourceStart: number, destinationStart: number, loops: readonly Loop[]): 1 | 2 | 4 {
  const bits = loops.reduce((bits, loop) => bits | loop.sourceStride | loop.destinationStride, itemSize | sourceStart | destinationStart)
  if ((bits & 3) === 0) return 4
  return (bits & 1) === 0 ? 2 : 1
}

function wordView(bytes: Uint8Array, unit: 1 | 2 | 4): Uint8Array | Uint16Array | Uint32Array {
  if (unit === 1) return bytes
  const rest = bytes.byteOffset % unit
  const length = Math.floor((bytes.byteLength + rest) / unit)
  return unit === 2
    ? new Uint16Array(bytes.buffer, bytes.byteOffset - rest, length)
    : new Uint32Array(bytes.buffer, bytes.byteOffset - rest, length)
}

function fillRow(destination: Uint8Array, start: number, rowBytes: number, item: Uint8Array): void {
  destination.set(item, start)
  for (let filled = item.byteLength; filled < rowBytes; filled *= 2) {
    destination.copyWithin(start + filled, start, start + Math.min(filled, rowBytes - filled))
  }
}
