import { type Axis, type CreateRequest, SourceError } from '@bioimage/core'
import type { NewHeader } from './header.js'

/** An axis of the cell. */
export type CellAxis = 'x' | 'y' | 'z'

const cellAxes: readonly CellAxis[] = ['x', 'y', 'z']

/** What runs along columns, rows and sections of a new file, and along the axes of its cell. */
export interface NewAxes {
  /** What the header says of it. */
  readonly fields: Pick<NewHeader, 'mx' | 'my' | 'mz' | 'mapc' | 'mapr' | 'maps' | 'ispg'>
  /** Intervals along the axes of the cell, and what the caller says of them. */
  readonly cell: Readonly<Record<CellAxis, { readonly length: number; readonly axis: Axis | undefined }>>
}

/**
 * Finds the order of x, y, z and whether a file holds an image, a stack of images, a volume or a stack of volumes, by the names and types
 * of the axes. Without axes, or if none of them has a meaning, they are z, y, x, and a fourth before them counts volumes. (MRC2014,
 * words 8 to 10, 17 to 19 and 23.)
 *
 * @throws ERR_UNSUPPORTED for axes that would be others when they are read.
 */
export function newAxes({ shape, metadata }: Pick<CreateRequest, 'shape' | 'metadata'>): NewAxes {
  const [nx = 0, ny = 0, sections = 1] = shape.toReversed()
  const given = metadata.axes?.every(isPlainIndex) === true ? undefined : metadata.axes
  if (given !== undefined && given.length !== shape.length) {
    throw new SourceError('ERR_INVALID_ARGUMENT', `\`metadata.axes\` has ${given.length} entries, the array has ${shape.length} axes`)
  }
  const isImageStack = shape.length === 3 && given?.[0] !== undefined && isPlainIndex(given[0])
  const [column, row, section] = given?.toReversed() ?? []
  const order = orderOf(given, [column, row, isImageStack ? undefined : section])
  const fixedSections = isImageStack || shape.length === 4
  if ((fixedSections && order[2] !== 'z') || (shape.length === 4 && given?.[0] !== undefined && !isPlainIndex(given[0])))
    throw misplaced(given)
  if (isImageStack && sections === 1) {
    throw new SourceError(
      'ERR_UNSUPPORTED',
      `MRC does not tell a stack of one image from an image; create an array of shape [${ny}, ${nx}], or leave \`axes\` out for a volume`
    )
  }
  // Of a stack of images, each one is one interval deep.
  const lengths = [nx, ny, isImageStack ? 1 : sections]
  const along = (name: CellAxis): NewAxes['cell'][CellAxis] => {
    const at = order.indexOf(name)
    return { length: lengths[at] ?? 1, axis: isImageStack && at === 2 ? undefined : [column, row, section][at] }
  }
  const cell = { x: along('x'), y: along('y'), z: along('z') }
  const [mapc, mapr, maps] = order.map((name) => cellAxes.indexOf(name) + 1)
  const ispg = shape.length === 2 || isImageStack ? 0 : shape.length === 3 ? 1 : 401
  return {
    fields: { mx: cell.x.length, my: cell.y.length, mz: cell.z.length, mapc: mapc ?? 1, mapr: mapr ?? 2, maps: maps ?? 3, ispg },
    cell
  }
}

/** The axes of the cell that columns, rows and sections run along. What is not given runs along the one that is left. */
function orderOf(given: readonly Axis[] | undefined, axes: readonly (Axis | undefined)[]): readonly CellAxis[] {
  if (given === undefined) return cellAxes
  const named = axes.map((axis) => (axis === undefined ? undefined : cellAxisOf(axis, given)))
  const left = cellAxes.filter((name) => !named.includes(name))
  const order = named.map((name) => name ?? left.shift() ?? 'z')
  if (new Set(order).size < order.length) throw misplaced(given)
  return order
}

function cellAxisOf({ name, type }: Axis, given: readonly Axis[]): CellAxis {
  const found = cellAxes.find((letter) => letter === name.toLowerCase())
  if (found === undefined || type !== 'space') throw misplaced(given)
  return found
}

/** An axis that counts, without a unit or a name of a meaning. */
function isPlainIndex({ name, type, unit, scale, translation }: Axis): boolean {
  const isNameless = type === 'index' && !['x', 'y', 'z', 't', 'c'].includes(name.toLowerCase())
  return isNameless && unit === undefined && scale === undefined && translation === undefined
}

function misplaced(given: readonly Axis[] | undefined): SourceError {
  const found = given?.map(({ name, type }) => `${name} (${type})`).join(', ')
  return new SourceError(
    'ERR_UNSUPPORTED',
    `MRC has the axes z, y, x in any order; index, y, x (a stack of images); or index, z, y, x (a stack of volumes), in stacks y and x in any order; found ${found}; move or rename the axes, or leave \`axes\` out`
  )
}
