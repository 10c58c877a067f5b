import { type CreateRequest, type Json, SourceError } from '@bioimage/core'
import { derivedFields, freeFields } from './attribute-fields.js'
import type { NiftiHeader } from './header.js'
import { spaceCodeOf } from './metadata.js'
import { newAxes } from './new-axes.js'

type NewFields = Pick<NiftiHeader, (typeof freeFields)[number]>

const textBytes = { intent_name: 16, descrip: 80, aux_file: 24 } as const
const rowNames = ['srow_x', 'srow_y', 'srow_z'] as const

/**
 * What the caller says about a new file: voxel sizes and units by the axes of `metadata`, the place in the world by its `affine` or else
 * by the scale and translation of its axes, everything else by `attrs`, named as in `nifti1.h`. Where both say something, `metadata` holds.
 *
 * @throws ERR_UNSUPPORTED for attributes and axes that the header has no place for; ERR_INVALID_ARGUMENT for wrong values.
 */
export function newFields({ attrs, metadata, shape }: Pick<CreateRequest, 'attrs' | 'metadata' | 'shape'>): NewFields {
  const known: readonly string[] = [...freeFields, ...derivedFields]
  const unknown = Object.keys(attrs).filter((name) => !known.includes(name))
  if (unknown.length > 0) {
    throw new SourceError(
      'ERR_UNSUPPORTED',
      `a NIfTI header has no place for the attributes ${unknown.join(', ')}; leave them out (it takes ${freeFields.join(', ')})`
    )
  }
  const integer = (name: string, least = -32768, most = 32767): number => numberOf(name, attrs[name], 0, least, most)
  const number = (name: string): number => numberOf(name, attrs[name], 0)
  const { sizes, units, timeOffset, affine } = newAxes(metadata)
  const given = listOf('pixdim', attrs.pixdim, [1, 1, 1, 1, 1, 1, 1, 1])
  const pixdim = given.map((size, at) => (at === 0 ? (size < 0 ? -1 : 1) : at <= shape.length ? (sizes[at - 1] ?? size) : 1))
  return {
    pixdim,
    xyzt_units: units ?? integer('xyzt_units', 0, 255),
    intent_code: integer('intent_code'),
    intent_p1: number('intent_p1'),
    intent_p2: number('intent_p2'),
    intent_p3: number('intent_p3'),
    intent_name: textOf('intent_name', attrs.intent_name),
    dim_info: integer('dim_info', 0, 255),
    slice_start: integer('slice_start'),
    slice_end: integer('slice_end'),
    slice_code: integer('slice_code', 0, 255),
    slice_duration: number('slice_duration'),
    toffset: timeOffset ?? number('toffset'),
    cal_max: number('cal_max'),
    cal_min: number('cal_min'),
    descrip: textOf('descrip', attrs.descrip),
    aux_file: textOf('aux_file', attrs.aux_file),
    qform_code: affine === undefined ? integer('qform_code') : 0,
    sform_code: affine === undefined ? integer('sform_code') : spaceCodeOf(affine.space),
    quatern_b: number('quatern_b'),
    quatern_c: number('quatern_c'),
    quatern_d: number('quatern_d'),
    qoffset_x: number('qoffset_x'),
    qoffset_y: number('qoffset_y'),
    qoffset_z: number('qoffset_z'),
    srow_x: rowOf(0),
    srow_y: rowOf(1),
    srow_z: rowOf(2)
  }

  function rowOf(at: 0 | 1 | 2): readonly number[] {
    if (affine === undefined) return listOf(rowNames[at], attrs[rowNames[at]], [0, 0, 0, 0])
    const { matrix } = affine
    if (matrix.length !== 4 || matrix.some((row) => row.length !== 4 || !row.every(Number.isFinite))) {
      throw new SourceError('ERR_INVALID_ARGUMENT', 'the `affine` of metadata is a matrix of four rows of four finite numbers')
    }
    return matrix[at] ?? []
  }
}

function numberOf(name: string, value: Json | undefined, fallback: number, least = -Number.MAX_VALUE, most = Number.MAX_VALUE): number {
  // What was not finite in another file is null in its attributes.
  const number = value ?? fallback
  const isInteger = most > 1e9 || Number.isInteger(number)
  if (typeof number === 'number' && Number.isFinite(number) && isInteger && number >= least && number <= most) return number
  throw invalid(name, most > 1e9 ? 'a number' : `an integer from ${least} to ${most}`, number)
}

function listOf(name: string, value: Json | undefined, fallback: readonly number[]): readonly number[] {
  if (value === undefined) return fallback
  if (!Array.isArray(value) || value.length !== fallback.length) throw invalid(name, `a list of ${fallback.length} numbers`, value)
  return value.map((item: Json, at) => numberOf(name, item, fallback[at] ?? 0))
}

function textOf(name: keyof typeof textBytes, value: Json | undefined): string {
  const text = value ?? ''
  if (typeof text === 'string' && new TextEncoder().encode(text).byteLength <= textBytes[name] && !text.includes('\0')) return text
  throw invalid(name, `a text of up to ${textBytes[name]} bytes`, text)
}

function invalid(name: string, expected: string, found: Json): SourceError {
  return new SourceError('ERR_INVALID_ARGUMENT', `the attribute ${name} is ${expected}, found ${JSON.stringify(found)?.slice(0, 80)}`)
}
