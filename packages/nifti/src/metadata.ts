import { type Affine, type Axis, type JsonObject, SourceError, type SourceMetadata } from '@bioimage/core'
import type { NiftiHeader } from './header.js'
import { channelsOf, lengthsOf } from './layout.js'

const spaceUnits: Readonly<Record<number, string>> = { 1: 'meter', 2: 'millimeter', 3: 'micrometer' }
const timeUnits: Readonly<Record<number, string>> = { 8: 'second', 16: 'millisecond', 24: 'microsecond' }
const otherUnits: Readonly<Record<number, string>> = { 32: 'hertz', 40: 'parts per million', 48: 'radian per second' }
/** What `qform_code` and `sform_code` say the coordinates refer to. */
const spaces: Readonly<Record<number, string>> = { 1: 'scanner', 2: 'aligned', 3: 'talairach', 4: 'mni', 5: 'template' }
const colours = ['red', 'green', 'blue', 'alpha']

/** @throws ERR_UNSUPPORTED for a unit of length that NIfTI does not have. */
export function spaceUnitCodeOf(unit: string): number {
  return codeOf(unit, spaceUnits)
}

/** @throws ERR_UNSUPPORTED for a unit of time that NIfTI does not have. */
export function timeUnitCodeOf(unit: string): number {
  return codeOf(unit, timeUnits)
}

/** @throws ERR_UNSUPPORTED for a unit of the fourth axis that NIfTI does not have. */
export function frequencyUnitCodeOf(unit: string): number {
  return codeOf(unit, otherUnits)
}

function codeOf(unit: string, units: Readonly<Record<number, string>>): number {
  const code = Object.entries(units).find(([, name]) => name === unit)?.[0]
  if (code !== undefined) return Number(code)
  throw new SourceError(
    'ERR_UNSUPPORTED',
    `NIfTI has no unit ${JSON.stringify(unit)} there; convert to one of ${Object.values(units).join(', ')}, or leave it out`
  )
}

/** The code of what an affine refers to; "aligned" for what NIfTI does not know. */
export function spaceCodeOf(space: string | undefined): number {
  const code = Object.entries(spaces).find(([, name]) => name === space)?.[0]
  return Number(code ?? 2)
}

/** The header as plain JSON, and what follows it. Numbers that are not finite are `null`. */
export function attrsOf(header: NiftiHeader, extensions: readonly JsonObject[]): JsonObject {
  const { version: _, byteOrder: _order, ...fields } = header
  const attrs = Object.entries(fields).map(([name, value]) => {
    if (typeof value === 'string') return [name, value]
    return [name, typeof value === 'number' ? finite(value) : value.map(finite)]
  })
  return { ...Object.fromEntries(attrs), ...(extensions.length > 0 && { extensions }) }
}

/** Axes in the order of the array, slowest first, with voxel sizes; and where the voxels lie in the world. */
export function metadataOf(header: NiftiHeader): SourceMetadata {
  const rank = lengthsOf(header).length
  // CIFTI: the axes of space and time are left out.
  const skipped = (header.dim[0] ?? 0) - rank
  const axes = Array.from({ length: rank }, (_, at) => axisOf(header, at + skipped)).toReversed()
  const channels = channelsOf(header)
  if (channels > 1) axes.push({ name: 'c', type: 'channel' })
  const affine = skipped > 0 ? undefined : affineOf(header)
  return {
    axes,
    ...(channels > 1 && { channels: colours.slice(0, channels) }),
    ...(affine !== undefined && { affine })
  }
}

/** Axis `number` of the file, from 0: x, y, z, t, and what has no meaning of its own. */
function axisOf({ pixdim, xyzt_units: units, toffset }: NiftiHeader, number: number): Axis {
  const size = Math.abs(pixdim[number + 1] ?? 0)
  const scale = size > 0 && Number.isFinite(size) ? size : undefined
  if (number < 3) {
    const unit = spaceUnits[units & 7]
    return { name: 'xyz'.charAt(number), type: 'space', ...(unit !== undefined && { unit }), ...(scale !== undefined && { scale }) }
  }
  if (number > 3) return { name: 'uvw'.charAt(number - 4), type: 'index' }
  const unit = timeUnits[units & 0x38]
  const other = otherUnits[units & 0x38]
  if (other !== undefined) return { name: 'f', type: 'index', unit: other, ...(scale !== undefined && { scale }) }
  return {
    name: 't',
    type: 'time',
    ...(unit !== undefined && { unit }),
    ...(scale !== undefined && { scale }),
    ...(toffset !== 0 && Number.isFinite(toffset) && { translation: toffset })
  }
}

/** By `sform` where its code is set, else by `qform`; with neither the file does not say it. */
function affineOf(header: NiftiHeader): Affine | undefined {
  const { sform_code, qform_code, xyzt_units } = header
  const bySform = sform_code > 0
  if (!bySform && !(qform_code > 0)) return undefined
  const matrix = bySform ? [header.srow_x, header.srow_y, header.srow_z] : quaternionMatrix(header)
  if (!matrix?.every((row) => row.every(Number.isFinite))) return undefined
  const unit = spaceUnits[xyzt_units & 7]
  const space = spaces[bySform ? sform_code : qform_code]
  return { matrix: [...matrix, [0, 0, 0, 1]], ...(unit !== undefined && { unit }), ...(space !== undefined && { space }) }
}

/** Method 2 of `nifti1.h`: a rotation by a unit quaternion, whose first part is not stored, and perhaps a flip of k. */
function quaternionMatrix({ pixdim, ...header }: NiftiHeader): number[][] | undefined {
  const { quatern_b: b, quatern_c: c, quatern_d: d, qoffset_x, qoffset_y, qoffset_z } = header
  const squares = b * b + c * c + d * d
  // Rounding to 32 bits may leave a little more than 1.
  if (!(squares <= 1 + 1e-5)) return undefined
  const a = Math.sqrt(Math.max(0, 1 - squares))
  const [qfac = 0, dx = 0, dy = 0, third = 0] = pixdim
  const dz = third * (qfac < 0 ? -1 : 1)
  return [
    [(a * a + b * b - c * c - d * d) * dx, 2 * (b * c - a * d) * dy, 2 * (b * d + a * c) * dz, qoffset_x],
    [2 * (b * c + a * d) * dx, (a * a + c * c - b * b - d * d) * dy, 2 * (c * d - a * b) * dz, qoffset_y],
    [2 * (b * d - a * c) * dx, 2 * (c * d + a * b) * dy, (a * a + d * d - c * c - b * b) * dz, qoffset_z]
  ]
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
