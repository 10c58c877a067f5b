import type { Json, JsonObject } from '@bioimage/core'
import { widenFloat16 } from '@bioimage/core/backend'
import { isBooleanType, isHalf, numericTypeOf } from './data-type.js'
import { readGlobalHeapObject } from './heaps/global-heap.js'
import type { Attribute } from './messages/attributes.js'
import type { Datatype } from './messages/datatype.js'
import type { Hdf5File, ReadOptions } from './structure/hdf5-file.js'
import { decodeText, StructureReader } from './structure/structure-reader.js'

/**
 * Attributes as JSON: scalars as they are, arrays as lists, compound values as objects. Integers beyond 2^53 become decimal
 * texts, NaN and infinities their names. What has no JSON form (references, opaque bytes) is left out.
 */
export async function attributesAsJson(file: Hdf5File, attributes: readonly Attribute[], options: ReadOptions): Promise<JsonObject> {
  const entries: [string, Json][] = []
  for (const { name, type, space, data } of attributes) {
    if (space.kind === 'null') {
      entries.push([name, null])
      continue
    }
    const count = space.shape.reduce((product, length) => product * length, 1)
    const values: Json[] = []
    for (let at = 0; at < count; at++) {
      const value = await elementOf(file, type, data.subarray(at * type.size, (at + 1) * type.size), options)
      if (value === undefined) break
      values.push(value)
    }
    if (values.length === count) entries.push([name, nest(values, space.shape)])
  }
  return Object.fromEntries(entries)
}

/** One element; `undefined` for a type without a JSON form. */
async function elementOf(file: Hdf5File, type: Datatype, bytes: Uint8Array, options: ReadOptions): Promise<Json | undefined> {
  switch (type.class) {
    case 'integer':
    case 'bitfield':
      return type.size > 8 ? undefined : integerOf(type, bytes)
    case 'float':
      return floatOf(type, bytes)
    case 'enum':
      return isBooleanType(type) ? bytes[0] !== 0 : elementOf(file, type.base, bytes, options)
    case 'string': {
      const end = type.padding === 'space-padded' ? -1 : bytes.indexOf(0)
      const text = decodeText(end < 0 ? bytes : bytes.subarray(0, end))
      return type.padding === 'space-padded' ? text.replace(/[ \0]+$/, '') : text
    }
    case 'complex':
    case 'compound': {
      const members =
        type.class === 'complex'
          ? [
              { name: 'r', offset: 0, type: type.base },
              { name: 'i', offset: type.base.size, type: type.base }
            ]
          : type.members
      const entries: [string, Json][] = []
      for (const member of members) {
        const value = await elementOf(file, member.type, bytes.subarray(member.offset, member.offset + member.type.size), options)
        if (value !== undefined) entries.push([member.name, value])
      }
      return Object.fromEntries(entries)
    }
    case 'array':
      return listOf(file, type.base, type.shape, bytes, options)
    case 'vlen': {
      const fields = new StructureReader(bytes, file.widths, 'variable-length value')
      const length = fields.u32()
      const address = fields.address()
      const index = fields.u32()
      if (length === 0 || address === undefined || address === 0) return type.text ? '' : []
      const object = await readGlobalHeapObject(file, address, index, options)
      if (!type.text) return listOf(file, type.base, [length], object, options)
      const text = object.subarray(0, length)
      const end = text.indexOf(0)
      return decodeText(end < 0 ? text : text.subarray(0, end))
    }
    default:
      return undefined
  }
}

async function listOf(
  file: Hdf5File,
  base: Datatype,
  shape: readonly number[],
  bytes: Uint8Array,
  options: ReadOptions
): Promise<Json | undefined> {
  const count = shape.reduce((product, length) => product * length, 1)
  if (count * base.size > bytes.byteLength) return undefined
  const values: Json[] = []
  for (let at = 0; at < count; at++) {
    const value = await elementOf(file, base, bytes.subarray(at * base.size, (at + 1) * base.size), options)
    if (value === undefined) return undefined
    values.push(value)
  }
  return nest(values, shape)
}

function nest(values: readonly Json[], shape: readonly number[]): Json {
  if (shape.length === 0) return values[0] ?? null
  if (shape.length === 1) return values
  const [length = 0, ...rest] = shape
  const size = rest.reduce((product, length) => product * length, 1)
  return Array.from({ length }, (_, at) => nest(values.slice(at * size, (at + 1) * size), rest))
}

function integerOf(type: Extract<Datatype, { class: 'integer' | 'bitfield' }>, bytes: Uint8Array): Json {
  let value = 0n
  const ordered = type.order === 'big' ? bytes : bytes.toReversed()
  for (const byte of ordered) value = (value << 8n) | BigInt(byte)
  value >>= BigInt(type.bitOffset)
  value = type.signed ? BigInt.asIntN(type.precision, value) : BigInt.asUintN(type.precision, value)
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
}

function floatOf(type: Datatype, bytes: Uint8Array): Json | undefined {
  const numeric = numericTypeOf(type)
  if (numeric === undefined || numeric.floatFields !== undefined) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const little = numeric.byteOrder === 'little'
  const value = isHalf(type)
    ? widenFloat16(view.getUint16(0, little))
    : type.size === 4
      ? view.getFloat32(0, little)
      : view.getFloat64(0, little)
  return Number.isFinite(value) ? value : String(value)
}
