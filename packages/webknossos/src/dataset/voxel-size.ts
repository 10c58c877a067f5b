import { isJsonObject, type Json } from '@bioimage/core'
import { numbersOf } from '@bioimage/core/backend'

/** Size of a voxel of Mag(1) along x, y and z. */
export interface VoxelSize {
  readonly factor: readonly number[]
  /** As in OME-NGFF, such as `"nanometer"`. */
  readonly unit: string
}

/** Short names of units. The micro sign has two code points. */
const unitNames: Readonly<Record<string, string>> = {
  ym: 'yoctometer',
  zm: 'zeptometer',
  am: 'attometer',
  fm: 'femtometer',
  pm: 'picometer',
  nm: 'nanometer',
  '\u00b5m': 'micrometer',
  '\u03bcm': 'micrometer',
  um: 'micrometer',
  mm: 'millimeter',
  cm: 'centimeter',
  dm: 'decimeter',
  m: 'meter',
  hm: 'hectometer',
  km: 'kilometer',
  Mm: 'megameter',
  '\u00c5': 'angstrom',
  '\u212b': 'angstrom',
  in: 'inch',
  ft: 'foot',
  yd: 'yard',
  mi: 'mile',
  pc: 'parsec'
}

/** The member `scale` of a dataset: three numbers in nanometers, or `{ factor, unit }`; `undefined` for anything else. */
export function parseVoxelSize(scale: Json | undefined): VoxelSize | undefined {
  if (Array.isArray(scale)) {
    const factor = numbersOf(scale, 3)
    return factor === undefined ? undefined : { factor, unit: 'nanometer' }
  }
  if (!isJsonObject(scale)) return undefined
  const factor = numbersOf(scale.factor, 3)
  const { unit = 'nanometer' } = scale
  if (factor === undefined || typeof unit !== 'string') return undefined
  return { factor, unit: Object.hasOwn(unitNames, unit) ? (unitNames[unit] ?? unit) : unit }
}
