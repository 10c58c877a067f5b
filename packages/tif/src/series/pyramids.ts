import type { Series } from './series.js'

/** A series that may be a level of another. */
export interface Candidate {
  readonly series: Series
  /** Whether its first page is one that another page points to: never the finest level. */
  readonly isSubIfd: boolean
}

const factors = [2, 3, 4]

/**
 * Puts the levels of pyramids below their finest one: level k + 1 has the axes and dtype of level k and spatial lengths divided by
 * the same factor.
 *
 * @param onlyReduced Take only pages that say they are reduced.
 */
export function buildPyramids(candidates: readonly Candidate[], onlyReduced: boolean): readonly Series[] {
  const rest = [...candidates]
  const result: Series[] = []
  for (let candidate = rest.shift(); candidate !== undefined; candidate = rest.shift()) {
    const levels: Series[] = []
    if (!candidate.isSubIfd) {
      let last = candidate.series
      let factor: number | undefined
      for (let index = 0; index < rest.length; ) {
        const other = rest[index]?.series
        const fits = (divisor: number): boolean => other !== undefined && isReducedBy(last, other, divisor)
        const usable = other !== undefined && (!onlyReduced || other.first.reduced)
        const found = usable ? (factor === undefined ? factors.find(fits) : fits(factor) ? factor : undefined) : undefined
        if (found === undefined || other === undefined) {
          index++
          continue
        }
        factor = found
        last = other
        levels.push(other)
        rest.splice(index, 1)
      }
    }
    result.push({ ...candidate.series, levels: [...candidate.series.levels, ...levels] })
  }
  return result
}

const spatial = 'XYZ'

function isReducedBy(finer: Series, coarser: Series, factor: number): boolean {
  if (finer.axes !== coarser.axes || finer.dtype !== coarser.dtype || finer.first.samples !== coarser.first.samples) return false
  let reduced = false
  const fits = [...finer.axes].every((axis, index) => {
    const from = finer.shape[index] ?? 1
    const to = coarser.shape[index] ?? 1
    if (!spatial.includes(axis)) return from === to
    if (from !== to) reduced = true
    return to === Math.floor(from / factor) || to === Math.ceil(from / factor)
  })
  return fits && reduced
}
