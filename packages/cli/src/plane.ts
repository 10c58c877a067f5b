import { type Axis, type Source, SourceError } from '@bioimage/core'
import { normalizeIndex } from '@bioimage/core/backend'
import { UsageError } from './failure.js'
import type { AxisIndices } from './options.js'

/** Which picture of an array to draw. Axes are numbers. */
export interface Plane {
  /** Axis that runs down the picture. */
  readonly rows: number
  /** Axis that runs to the right. */
  readonly columns: number
  /** Axis to project along; `undefined` for a slice. */
  readonly projected: number | undefined
  /** Position on every other axis. */
  readonly fixed: readonly { readonly axis: number; readonly index: number }[]
}

/** What a person asked for; see `bioimage preview --help`. */
export interface PlaneRequest {
  readonly slice?: AxisIndices | undefined
  readonly axis?: string | undefined
  readonly index?: number | undefined
  readonly max?: boolean | undefined
  readonly channel?: number | undefined
}

/**
 * Chooses the picture: y down and x to the right, looking along the axis before them; channels and times at their first
 * element, everything else in the middle, unless the request says otherwise.
 */
export function choosePlane(source: Pick<Source, 'shape' | 'metadata'>, request: PlaneRequest): Plane {
  const { shape } = source
  const axes = namedAxes(source)
  const space = axes.flatMap(({ type }, axis) => (type === 'space' || type === 'index' ? [axis] : []))
  if (space.length < 2)
    throw new SourceError('ERR_UNSUPPORTED', `an array of shape [${shape.join(', ')}] has no plane to draw: it needs two axes of space`)
  const channelAxis = axes.findIndex(({ type }) => type === 'channel')
  if (request.channel !== undefined && channelAxis < 0) throw new UsageError('--channel: the array has no channel axis')
  const positions = new Map<number, number>()
  if (request.channel !== undefined) positions.set(channelAxis, checkIndex(request.channel, channelAxis, shape))
  for (const [name, index] of Object.entries(request.slice ?? {})) {
    const axis = findAxis(name, axes)
    positions.set(axis, checkIndex(index, axis, shape))
  }
  const sliced = space.find((axis) => positions.has(axis))
  const looked = request.axis === undefined ? (sliced ?? (space.length > 2 ? space.at(-3) : undefined)) : findAxis(request.axis, axes)
  if (request.index !== undefined) {
    if (looked === undefined) throw new UsageError('--index needs an --axis')
    positions.set(looked, checkIndex(request.index, looked, shape))
  }
  if (request.max === true && looked === undefined) throw new UsageError('--max: the array has no axis to project along besides y and x')
  if (request.max === true && looked !== undefined && positions.has(looked))
    throw new UsageError('--max projects along the axis whose slice is asked for; leave one out')
  const [rows, columns] = space.filter((axis) => axis !== looked && !positions.has(axis)).slice(-2)
  if (rows === undefined || columns === undefined) throw new UsageError('too many axes are sliced: no plane is left to draw')
  const projected = request.max === true ? looked : undefined
  const fixed = shape.flatMap((length, axis) => {
    if (axis === rows || axis === columns || axis === projected) return []
    const middle = space.includes(axis) ? Math.floor(length / 2) : 0
    return [{ axis, index: positions.get(axis) ?? middle }]
  })
  return { rows, columns, projected, fixed }
}

/** The axes with names; where the format has none, y and x are the last, with a short last axis taken for colours. */
export function namedAxes({ shape, metadata }: Pick<Source, 'shape' | 'metadata'>): readonly Axis[] {
  if (metadata.axes !== undefined && metadata.axes.length === shape.length) return metadata.axes
  const last = shape.length - 1
  const colored = shape.length > 2 && (shape[last] ?? 0) <= 4 && (shape[last - 1] ?? 0) > 16 && (shape[last - 2] ?? 0) > 16
  return shape.map((_, axis) => {
    if (colored && axis === last) return { name: 'c', type: 'channel' }
    return { name: ['x', 'y', 'z'][last - (colored ? 1 : 0) - axis] ?? `axis ${axis}`, type: 'space' }
  })
}

function findAxis(name: string, axes: readonly Axis[]): number {
  const byName = axes.findIndex((axis) => axis.name === name)
  if (byName >= 0) return byName
  const number = /^-?\d+$/.test(name) ? Number(name) : Number.NaN
  const axis = number < 0 ? number + axes.length : number
  if (axis >= 0 && axis < axes.length) return axis
  throw new UsageError(
    `there is no axis ${JSON.stringify(name)}; the array has ${axes.map((axis, at) => `${at}: ${axis.name}`).join(', ')}`
  )
}

function checkIndex(index: number, axis: number, shape: readonly number[]): number {
  // The rules and message of an index, on that axis alone.
  const entries = shape.map((_, at) => (at === axis ? index : null))
  return normalizeIndex(entries, shape).region.start[axis] ?? 0
}
