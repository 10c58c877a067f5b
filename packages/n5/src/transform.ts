import { type Axis, isJsonObject, type Json, type JsonObject } from '@bioimage/core'
import { axisTypeOfName, numbersOf } from '@bioimage/core/backend'
import { parseUnit } from './units.js'

/** Where the voxels of a data set lie, along our axes: the reverse of the stored order. What is not said is absent. */
export interface Transform {
  readonly names?: readonly string[] | undefined
  readonly units?: readonly (string | undefined)[] | undefined
  readonly scale?: readonly number[] | undefined
  readonly translation?: readonly number[] | undefined
}

/** Names of axes where only voxel sizes are given, in stored order. */
const defaultNames = ['x', 'y', 'z']

/**
 * COSEM's `transform` {axes, units, scale, translate}. Its lists are in C order, which is ours, unless it says
 * `order: "F"`. `undefined` where there is none.
 */
export function cosemTransform(value: Json | undefined, rank: number): Transform | undefined {
  if (!isJsonObject(value)) return undefined
  const order = value.order === 'F' ? reversed : same
  const scale = order(numbersOf(value.scale, rank))
  if (scale === undefined) return undefined
  return {
    scale,
    translation: order(numbersOf(value.translate, rank)),
    names: order(stringsOf(value.axes, rank)),
    units: order(stringsOf(value.units, rank))?.map(parseUnit)
  }
}

/**
 * Voxel sizes as the N5 viewer, BigDataViewer, Paintera and Neuroglancer keep them: `pixelResolution` or `resolution`,
 * `units`, `offset`, `axes`, all in stored order, at the data set or at a group above; `factors` (in stored order) is what the
 * level was made smaller by. A resolution of a data set with `downsamplingFactors` of its own is that of the full image, and so
 * is that of a group; one without is its own.
 *
 * @param levels Attributes of the data set and of the groups above it, nearest first.
 */
export function viewerTransform(levels: readonly JsonObject[], factors: readonly number[] | undefined, rank: number): Transform {
  const own = levels[0] ?? {}
  const source = levels.find((attributes) => resolutionOf(attributes, rank) !== undefined)
  const resolution = source === undefined ? undefined : resolutionOf(source, rank)
  const isFull = source !== own || numbersOf(own.downsamplingFactors, rank) !== undefined
  const applied = isFull ? factors : undefined
  const scale = resolution?.map((step, axis) => step * (applied?.[axis] ?? 1))
  const ownOffset = numbersOf(own.offset, rank)
  const offset = ownOffset ?? firstOf(levels, (attributes) => numbersOf(attributes.offset, rank))
  // A voxel of a smaller level has the middle of those that it was made of.
  const shift =
    ownOffset === undefined && applied?.some((factor) => factor !== 1)
      ? resolution?.map((step, axis) => ((applied[axis] ?? 1) - 1) * 0.5 * step)
      : undefined
  const translation = shift === undefined ? offset : shift.map((value, axis) => value + (offset?.[axis] ?? 0))
  const names = firstOf(levels, (attributes) => stringsOf(attributes.axes, rank))
  return {
    names: reversed(names ?? (resolution !== undefined && rank <= 3 ? defaultNames.slice(0, rank) : undefined)),
    units: reversed(firstOf(levels, (attributes) => unitsOf(attributes, rank))),
    scale: reversed(scale),
    translation: reversed(translation)
  }
}

/** The axes that a transform describes; `undefined` if it names none. */
export function axesOf({ names, units, scale, translation }: Transform): readonly Axis[] | undefined {
  if (names?.includes('')) return undefined
  return names?.map((name, at): Axis => {
    const step = scale?.[at]
    const origin = translation?.[at]
    const unit = units?.[at]
    return {
      name,
      type: axisTypeOfName(name),
      ...(unit !== undefined && { unit }),
      ...(step !== undefined && step !== 0 && { scale: step }),
      ...(origin !== undefined && { translation: origin })
    }
  })
}

function resolutionOf({ pixelResolution, resolution }: JsonObject, rank: number): readonly number[] | undefined {
  const dimensions = isJsonObject(pixelResolution) ? pixelResolution.dimensions : pixelResolution
  return numbersOf(dimensions, rank) ?? numbersOf(resolution, rank)
}

function unitsOf({ units, unit, pixelResolution }: JsonObject, rank: number): readonly (string | undefined)[] | undefined {
  const list = stringsOf(units, rank)
  if (list !== undefined) return list.map(parseUnit)
  const common = [units, unit, isJsonObject(pixelResolution) ? pixelResolution.unit : undefined].find((value) => typeof value === 'string')
  return typeof common === 'string' ? new Array<string | undefined>(rank).fill(parseUnit(common)) : undefined
}

function stringsOf(value: Json | undefined, length: number): readonly string[] | undefined {
  if (!Array.isArray(value) || value.length !== length) return undefined
  const strings = value.filter((item: Json): item is string => typeof item === 'string')
  return strings.length === length ? strings : undefined
}

function firstOf<T>(levels: readonly JsonObject[], find: (attributes: JsonObject) => T | undefined): T | undefined {
  for (const attributes of levels) {
    const found = find(attributes)
    if (found !== undefined) return found
  }
  return undefined
}

function reversed<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list?.toReversed()
}

function same<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list
}
