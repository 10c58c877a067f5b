import { SourceError } from './errors.js'
import { isJsonObject } from './json.js'
import type { Slice } from './slice.js'

/** What selects along one axis: an integer drops the axis, `null` is the whole axis, `'...'` as many whole axes as fit. */
export type IndexEntry = number | Slice | null | '...'

/** A basic index with numpy's meaning. Axes that it does not name are whole. */
export type Index = IndexEntry | readonly IndexEntry[]

/** A selected box: along axis `i` the positions `start[i] + k * step[i]` for `k` below `shape[i]`. One entry per axis. */
export interface Region {
  readonly start: readonly number[]
  readonly shape: readonly number[]
  readonly step: readonly number[]
}

/** An index after validation: the box it selects and which axes it drops. */
export interface NormalizedIndex {
  readonly region: Region
  /** Per axis, whether an integer selected it. */
  readonly dropped: readonly boolean[]
  /** Shape of the result: that of the region without the dropped axes. */
  readonly shape: readonly number[]
  /** Every axis was selected by an integer and no ellipsis was used: the result is a scalar. */
  readonly scalar: boolean
}

/** The region that covers a whole array. */
export function wholeRegion(shape: readonly number[]): Region {
  return { start: shape.map(() => 0), shape: [...shape], step: shape.map(() => 1) }
}

/**
 * Applies numpy's rules for basic indexing to an array of this shape.
 *
 * @throws ERR_INVALID_INDEX for an integer outside its axis, too many entries, a second ellipsis, a step below 1, or a value
 *   that is not an index.
 */
export function normalizeIndex(index: Index | undefined, shape: readonly number[]): NormalizedIndex {
  const entries: readonly IndexEntry[] = index === undefined ? ['...'] : isEntryList(index) ? index : [index]
  const ellipses = entries.filter((entry) => entry === '...').length
  if (ellipses > 1) throw invalid("an index can have only one '...'")
  const named = entries.length - ellipses
  if (named > shape.length) throw invalid(`too many indices: the array has ${shape.length} axes, but ${named} were indexed`)

  const start: number[] = []
  const length: number[] = []
  const step: number[] = []
  const dropped: boolean[] = []
  const takeWhole = (count: number): void => {
    for (let taken = 0; taken < count; taken++) {
      length.push(shape[start.length] ?? 0)
      start.push(0)
      step.push(1)
      dropped.push(false)
    }
  }
  for (const entry of entries) {
    const axis = start.length
    const size = shape[axis] ?? 0
    if (entry === '...') takeWhole(shape.length - named)
    else if (entry === null) takeWhole(1)
    else if (typeof entry === 'number') {
      start.push(normalizeInteger(entry, size, axis))
      length.push(1)
      step.push(1)
      dropped.push(true)
    } else {
      const range = normalizeSlice(entry, size, axis)
      start.push(range.start)
      length.push(range.length)
      step.push(range.step)
      dropped.push(false)
    }
  }
  takeWhole(shape.length - start.length)
  return {
    region: { start, shape: length, step },
    dropped,
    shape: length.filter((_, axis) => dropped[axis] === false),
    scalar: ellipses === 0 && dropped.every(Boolean)
  }
}

function isEntryList(index: Index): index is readonly IndexEntry[] {
  return Array.isArray(index)
}

function normalizeInteger(value: number, size: number, axis: number): number {
  if (!Number.isInteger(value)) throw invalid(`${value} is not an integer (axis ${axis})`)
  const position = value < 0 ? value + size : value
  if (position < 0 || position >= size) throw invalid(`index ${value} is out of bounds for axis ${axis} with size ${size}`)
  return position + 0
}

function normalizeSlice(entry: Slice, size: number, axis: number): { start: number; length: number; step: number } {
  if (!isSlice(entry)) throw invalid(`expected an integer, a slice, null or '...' for axis ${axis}, found ${describe(entry)}`)
  const step = entry.step ?? 1
  if (!Number.isInteger(step) || step < 1)
    throw invalid(`the step of a slice is an integer of at least 1, found ${String(step)} (axis ${axis})`)
  const start = clampBound(entry.start ?? 0, size, axis)
  const stop = clampBound(entry.stop ?? size, size, axis)
  return { start: Math.min(start, size), length: Math.max(0, Math.ceil((stop - start) / step)), step }
}

/** Lists of positions, masks and misspelt slices are no slices: taken for one, they would select the whole axis. */
function isSlice(entry: unknown): entry is Slice {
  return isJsonObject(entry) && Object.keys(entry).every((name) => name === 'start' || name === 'stop' || name === 'step')
}

function describe(entry: unknown): string {
  if (Array.isArray(entry) || ArrayBuffer.isView(entry)) return 'a list (positions and masks are not supported)'
  if (isJsonObject(entry)) return `an object with the members ${Object.keys(entry).join(', ')}`
  return typeof entry === 'object' || typeof entry === 'function' ? typeof entry : String(entry)
}

function clampBound(bound: number, size: number, axis: number): number {
  if (!Number.isInteger(bound) && bound !== Number.POSITIVE_INFINITY && bound !== Number.NEGATIVE_INFINITY) {
    throw invalid(`the bounds of a slice are integers, found ${String(bound)} (axis ${axis})`)
  }
  return Math.max(0, Math.min(size, bound < 0 ? bound + size : bound))
}

function invalid(message: string): SourceError {
  return new SourceError('ERR_INVALID_INDEX', message)
}
