import { type DType, type Index, type IndexEntry, type NdArray, zeros } from '@bioimage/core'
import { bytesOf, itemSizeOf, sizeOf } from '@bioimage/core/backend'
import { forEachElement } from './elements.js'

/** The elements that an index selects, by their number in C order. */
export interface Selection {
  readonly shape: readonly number[]
  readonly positions: readonly number[]
}

/**
 * Applies a valid index the slow and plain way, by listing positions. It shares nothing with the index rules of the core, and
 * is itself checked against numpy's answers.
 */
export function select(shape: readonly number[], index: Index): Selection {
  const given = isList(index) ? index : [index]
  const at = given.indexOf('...')
  const before = at < 0 ? given : given.slice(0, at)
  const after = at < 0 ? [] : given.slice(at + 1)
  const whole = new Array<null>(shape.length - before.length - after.length).fill(null)
  const entries = [...before, ...whole, ...after]
  const axes = entries.map((entry, axis) => positionsAlong(entry, shape[axis] ?? 0))
  let positions = [0]
  for (const [axis, along] of axes.entries()) {
    const length = shape[axis] ?? 0
    positions = positions.flatMap((position) => along.map((step) => position * length + step))
  }
  return { shape: axes.map((along) => along.length).filter((_, axis) => typeof entries[axis] !== 'number'), positions }
}

/** The selected elements as an array in C order. */
export function take<D extends DType>(array: NdArray<D>, selection: Selection): NdArray<D> {
  const taken = zeros(selection.shape, array.dtype)
  const source = bytesOf(array.data)
  const target = bytesOf(taken.data)
  const itemSize = itemSizeOf(array.dtype)
  for (const [at, position] of selection.positions.entries()) {
    target.set(source.subarray(position * itemSize, (position + 1) * itemSize), at * itemSize)
  }
  return taken
}

/** Replaces the selected elements of an array in C order by those of `value`, which has as many. */
export function put(array: NdArray, selection: Selection, value: NdArray): void {
  const target = bytesOf(array.data)
  forEachElement(value, (element, at) => target.set(element, (selection.positions[at] ?? 0) * element.byteLength))
}

/** Every element of an array. */
export function everything(shape: readonly number[]): Selection {
  return { shape, positions: Array.from({ length: sizeOf(shape) }, (_, at) => at) }
}

/** The position of an element by its number in C order. */
export function positionAt(at: number, shape: readonly number[]): number[] {
  const position: number[] = []
  let rest = at
  for (const length of shape.toReversed()) {
    position.unshift(rest % length)
    rest = Math.floor(rest / length)
  }
  return position
}

function positionsAlong(entry: IndexEntry, length: number): number[] {
  const all = Array.from({ length }, (_, at) => at)
  if (typeof entry === 'number') return [entry < 0 ? entry + length : entry]
  if (entry === null || typeof entry === 'string') return all
  const { start, stop, step } = entry
  // Array.prototype.slice has Python's meaning: negative bounds count from the end, others are clamped.
  return all.slice(start ?? undefined, stop ?? undefined).filter((_, at) => at % (step ?? 1) === 0)
}

function isList(index: Index): index is readonly IndexEntry[] {
  return Array.isArray(index)
}
