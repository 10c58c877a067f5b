import { type Affine, type Axis, SourceError, type SourceMetadata } from '@bioimage/core'
import { frequencyUnitCodeOf, spaceUnitCodeOf, timeUnitCodeOf } from './metadata.js'

/** What the axes of a new file say, as its header has it. */
export interface NewAxes {
  /** `pixdim` from 1 on, where an axis has a scale. */
  readonly sizes: readonly (number | undefined)[]
  /** `xyzt_units`; `undefined` where no axis has a unit. */
  readonly units: number | undefined
  /** `toffset` */
  readonly timeOffset: number | undefined
  /** Where voxels lie in the world by the affine, or by the scale and translation of the axes; `undefined` where neither says it. */
  readonly affine: Affine | undefined
}

const spatial = ['x', 'y', 'z'] as const

/**
 * Takes apart the axes of a new file. A header has no names of axes: they are z, y and x at the end, before them time or a frequency, and
 * before that axes of no meaning of their own.
 *
 * @throws ERR_UNSUPPORTED for axes that would be others when they are read, and for units that NIfTI does not have.
 */
export function newAxes({ axes: given, affine }: SourceMetadata): NewAxes {
  const axes = given?.toReversed() ?? []
  for (const [place, axis] of axes.entries()) checkPlace(axis, place, axes)
  const space = axes.slice(0, 3)
  return {
    sizes: axes.map(({ scale }) => (scale === undefined ? undefined : Math.abs(scale))),
    units: unitsOf(axes, affine),
    timeOffset: axes[3]?.translation,
    affine: affine ?? affineOf(space)
  }
}

function checkPlace(axis: Axis, place: number, axes: readonly Axis[]): void {
  const { name, type, unit, scale, translation } = axis
  const isPlain = unit === undefined && translation === undefined
  const letter = name.toLowerCase()
  const isNameless = type === 'index' && !['x', 'y', 'z', 't', 'c', 'f'].includes(letter)
  if (isNameless && isPlain && scale === undefined) return
  if (place < 3 && type === 'space' && letter === spatial[place]) return
  if (place === 3 && type === 'time' && letter === 't') return
  if (place === 3 && type === 'index' && letter === 'f' && unit !== undefined && translation === undefined) return
  if (place > 3 && isPlain && (isNameless || type === 'channel')) return
  const found = axes.map((other) => other.name).toReversed()
  throw new SourceError(
    'ERR_UNSUPPORTED',
    `NIfTI has the axes t, z, y, x in this order, before them some without unit and translation; found ${found.join(', ')}, of which ${JSON.stringify(name)} (${type}) has no place there; move the axes, or leave \`axes\` out`
  )
}

/** The matrix of axes that are not rotated, where it says more than the sizes of voxels. */
function affineOf(space: readonly Axis[]): Affine | undefined {
  if (space.every(({ scale = 1, translation }) => translation === undefined && scale > 0)) return undefined
  const rows = spatial.map((_, row) => {
    const { scale = 1, translation = 0 } = space[row] ?? {}
    return [...spatial.map((_, column) => (column === row ? scale : 0)), translation]
  })
  return { matrix: [...rows, [0, 0, 0, 1]] }
}

function unitsOf(axes: readonly Axis[], affine: Affine | undefined): number | undefined {
  const spaceUnits = new Set([...axes.slice(0, 3).map(({ unit }) => unit), affine?.unit].filter((unit) => unit !== undefined))
  const [space, ...others] = [...spaceUnits]
  if (others.length > 0) {
    throw new SourceError(
      'ERR_UNSUPPORTED',
      `NIfTI has one unit for x, y and z, but they have ${[...spaceUnits].join(', ')}; convert the voxel sizes`
    )
  }
  const { unit: fourth, type } = axes[3] ?? {}
  if (space === undefined && fourth === undefined) return undefined
  const code = type === 'time' ? timeUnitCodeOf : frequencyUnitCodeOf
  return (space === undefined ? 0 : spaceUnitCodeOf(space)) | (fourth === undefined ? 0 : code(fourth))
}
