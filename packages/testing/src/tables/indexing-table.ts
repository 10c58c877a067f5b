import type { Index, IndexEntry } from '@bioimage/core'

/** An entry of an index as the table writes it: a slice is `[start, stop, step]`. */
export type TableEntry = number | null | '...' | readonly [start: number | null, stop: number | null, step: number | null]

/** What numpy selects: a view by shape, position of its first element and strides, all counted in elements; `1` marks a scalar. */
export type TableAnswer = readonly [shape: readonly number[], offset: number, strides: readonly number[], scalar?: 1]

/** numpy's answers for one shape; `null` where numpy raises an error. */
export interface IndexingTable {
  readonly shape: readonly number[]
  readonly cases: readonly (readonly [index: readonly TableEntry[], answer: TableAnswer | null])[]
}

/** The index that a line of the table stands for. */
export function tableIndex(entries: readonly TableEntry[]): Index {
  return entries.map((entry): IndexEntry => {
    if (typeof entry !== 'object' || entry === null) return entry
    const [start, stop, step] = entry
    return { start, stop, step }
  })
}
