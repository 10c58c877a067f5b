import type { Axis, AxisType } from '@bioimage/core'
import { axisTypeOfName } from '@bioimage/core/backend'
import type { SiUnit, StackFooter } from './stack-footer.js'
import type { StackHeader } from './stack-header.js'

/** The axis of a stack by its number in the file: 0 is the fastest. */
export function axisOf(header: StackHeader, footer: StackFooter, axis: number): Axis {
  const label = footer.labels[axis] ?? ''
  const unit = unitOf(footer.si_dimensions[axis])
  const name = nameOf(label, axis)
  const byName = axisTypeOfName(name)
  return {
    name,
    type: byName === 'index' ? (unit?.type ?? 'index') : byName,
    ...(unit?.name !== undefined && { unit: unit.name }),
    ...placeOf(header, footer, axis, unit?.factor ?? 1)
  }
}

/** `ExpControl X` is x; other labels are names as they are. */
function nameOf(label: string, axis: number): string {
  const letter = /(?:^|[\s_])([xyztc])$/i.exec(label)?.[1]
  return letter?.toLowerCase() ?? (label === '' ? `axis${axis}` : label)
}

interface Unit {
  /** As OME-NGFF spells it; `undefined` for units that are neither of length nor of time. */
  readonly name: string | undefined
  readonly type: AxisType
  /** What lengths are multiplied with to be in this unit. */
  readonly factor: number
}

/** The unit of a length: metres and seconds keep their name whatever the factor is, which is multiplied in. */
function unitOf(unit: SiUnit | undefined): Unit | undefined {
  if (unit === undefined) return undefined
  const exponents = unit.exponents.map(([numerator, denominator]) => (numerator === 0 ? 0 : numerator / denominator))
  const isOnly = (base: number): boolean => exponents.every((exponent, at) => exponent === (at === base ? 1 : 0))
  const factor = Number.isFinite(unit.scalefactor) && unit.scalefactor > 0 ? unit.scalefactor : 1
  if (isOnly(0)) return { name: 'meter', type: 'space', factor }
  if (isOnly(2)) return { name: 'second', type: 'time', factor }
  return { name: undefined, type: 'index', factor }
}

/** Pixel k is centred at `off + (k + ½)·len/res`, unless the footer lists the positions. */
function placeOf(header: StackHeader, footer: StackFooter, axis: number, factor: number): Pick<Axis, 'scale' | 'translation'> {
  const positions = footer.col_positions[axis]
  if (positions !== undefined) {
    const [first] = positions
    return first === undefined || !Number.isFinite(first) ? {} : { translation: first * factor }
  }
  const [length = 0, offset = 0, count = 0] = [header.len[axis], header.off[axis], header.res[axis]]
  const scale = (length / count) * factor
  if (!Number.isFinite(scale) || scale <= 0) return {}
  const translation = offset * factor + scale / 2
  return { scale, ...(Number.isFinite(translation) && { translation }) }
}
