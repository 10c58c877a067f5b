import type { DType } from '@bioimage/core'
import type { ReadOptions } from '../container/block-reader.js'
import type { Page } from '../page/page.js'
import type { SeriesKind } from '../series-kind.js'

/** Finds the page of one plane; `undefined` for a plane that is not stored. */
export type PlaneLookup = (plane: number, options: ReadOptions) => Promise<Page | undefined>

/** Pages that are one array. */
export interface Series {
  readonly kind: SeriesKind
  readonly name: string
  readonly shape: readonly number[]
  /** A letter for each axis, as tifffile names them. */
  readonly axes: string
  readonly dtype: DType
  /** The first page that is there: all others are like it. */
  readonly first: Page
  /** Number of leading axes that run over planes, in C order; the others are axes of `first`, in its order. */
  readonly leading: number
  readonly planes: number
  readonly page: PlaneLookup
  /** Whether all planes lie one behind the other from the first page's data on, so that no other directory is needed. */
  readonly contiguous: boolean
  /** Coarser levels of the same image. */
  readonly levels: readonly Series[]
}

/** Elements of all axes together. */
export function product(lengths: readonly number[]): number {
  return lengths.reduce((result, length) => result * length, 1)
}

/** Drops axes of length 1, except Y and X. */
export function squeeze(shape: readonly number[], axes: string): { readonly shape: readonly number[]; readonly axes: string } {
  const kept = [...axes].map((axis, index) => shape[index] !== 1 || axis === 'Y' || axis === 'X')
  return { shape: shape.filter((_, index) => kept[index]), axes: [...axes].filter((_, index) => kept[index]).join('') }
}

/** The axes of the planes and those of the page, squeezed together. */
export function withPageAxes(
  shape: readonly number[],
  axes: string,
  page: Page,
  pageAxes: string = page.axes
): { readonly shape: readonly number[]; readonly axes: string; readonly leading: number } {
  const outer = squeezeAll(shape, axes)
  const inner = squeeze(page.shape, pageAxes)
  return { shape: [...outer.shape, ...inner.shape], axes: outer.axes + inner.axes, leading: outer.shape.length }
}

function squeezeAll(shape: readonly number[], axes: string): { readonly shape: readonly number[]; readonly axes: string } {
  const kept = shape.map((length) => length !== 1)
  return { shape: shape.filter((_, index) => kept[index]), axes: [...axes].filter((_, index) => kept[index]).join('') }
}
