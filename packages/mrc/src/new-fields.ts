import { type CreateRequest, isJsonObject, type Json, SourceError } from '@bioimage/core'
import { derivedFields, freeFields } from './attribute-fields.js'
import type { NewHeader } from './header.js'
import type { CellAxis, NewAxes } from './new-axes.js'

/** Angstrom per unit of length, as axes name it. */
const angstrom: Readonly<Record<string, number>> = {
  angstrom: 1,
  picometer: 0.01,
  nanometer: 10,
  micrometer: 1e4,
  millimeter: 1e7,
  centimeter: 1e8,
  meter: 1e10
}

type NewFields = Pick<NewHeader, 'cella' | 'cellb' | 'origin' | 'labels' | 'nxstart' | 'nystart' | 'nzstart'>

/**
 * What the caller says about a new file: the voxel size by the axes of `metadata`, else the cell by `attrs`, and the other free fields of
 * the header by `attrs`, named as MRC2014 names them.
 *
 * @param along Intervals and axes along x, y, z.
 * @throws ERR_UNSUPPORTED for attributes that the header has no place for; ERR_INVALID_ARGUMENT for wrong values.
 */
export function newFields(request: Pick<CreateRequest, 'attrs' | 'metadata'>, along: NewAxes['cell']): NewFields {
  const { attrs } = request
  const known: readonly string[] = [...freeFields, ...derivedFields]
  const unknown = Object.keys(attrs).filter((name) => !known.includes(name))
  if (unknown.length > 0) {
    throw new SourceError(
      'ERR_UNSUPPORTED',
      `an MRC header has no place for the attributes ${unknown.join(', ')}; leave them out (it takes ${freeFields.join(', ')})`
    )
  }
  const [x, y, z] = triple(attrs, 'cella', ['x', 'y', 'z'], [0, 0, 0])
  const [alpha, beta, gamma] = triple(attrs, 'cellb', ['alpha', 'beta', 'gamma'], [90, 90, 90])
  const [originX, originY, originZ] = triple(attrs, 'origin', ['x', 'y', 'z'], [0, 0, 0])
  return {
    cella: { x: cellLength(along.x) ?? x, y: cellLength(along.y) ?? y, z: cellLength(along.z) ?? z },
    cellb: { alpha, beta, gamma },
    origin: { x: originX, y: originY, z: originZ },
    nxstart: integer(attrs.nxstart, 'nxstart'),
    nystart: integer(attrs.nystart, 'nystart'),
    nzstart: integer(attrs.nzstart, 'nzstart'),
    labels: labels(attrs.labels)
  }
}

/** Voxel size times number of voxels, in angstrom; `undefined` where the axis does not say it. */
function cellLength({ axis, length }: NewAxes['cell'][CellAxis]): number | undefined {
  if (axis?.scale === undefined || axis.unit === undefined) return undefined
  const factor = angstrom[axis.unit]
  if (factor === undefined) {
    throw new SourceError(
      'ERR_UNSUPPORTED',
      `MRC gives voxel sizes in angstrom, but the axis ${axis.name} has the unit ${JSON.stringify(axis.unit)}; give one of ${Object.keys(angstrom).join(', ')}, or none`
    )
  }
  return axis.scale * factor * length
}

function triple(
  attrs: CreateRequest['attrs'],
  field: string,
  names: readonly [string, string, string],
  defaults: readonly [number, number, number]
): [number, number, number] {
  const value = attrs[field] ?? {}
  const given = isJsonObject(value) ? value : { [names[0]]: value }
  const one = (at: 0 | 1 | 2): number => {
    const number = given[names[at]] ?? defaults[at]
    if (typeof number !== 'number' || !Number.isFinite(number)) throw invalid(field, `an object of numbers ${names.join(', ')}`, value)
    return number
  }
  return [one(0), one(1), one(2)]
}

function integer(value: Json | undefined, field: string): number {
  const number = value ?? 0
  if (typeof number !== 'number' || (number | 0) !== number) throw invalid(field, 'a 32-bit integer', number)
  return number
}

/** @throws ERR_INVALID_ARGUMENT for what does not fit into ten labels of 80 printable Latin-1 characters. */
function labels(value: Json | undefined): readonly string[] {
  const found: string[] = []
  for (const label of Array.isArray(value) ? value : value === undefined ? [] : [value]) {
    if (typeof label !== 'string' || !/^[\x20-\x7e\xa0-\xff]{0,80}$/.test(label)) {
      throw invalid('labels', 'up to 10 texts of up to 80 Latin-1 characters', label)
    }
    // An empty label would end the list for other readers.
    if (label.trim() !== '') found.push(label)
  }
  if (found.length > 10) throw invalid('labels', 'up to 10 texts', found.length)
  return found
}

function invalid(field: string, expected: string, found: Json): SourceError {
  return new SourceError('ERR_INVALID_ARGUMENT', `the attribute ${field} is ${expected}, found ${JSON.stringify(found)?.slice(0, 80)}`)
}
