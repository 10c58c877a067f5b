import { type DType, isSourceError, type Json, SourceError } from '@bioimage/core'
import { bytesOf, createData } from '@bioimage/core/backend'
import { ByteWriter } from './byte-writer.js'
import { encodeDatatype, encodeTextType } from './encode-datatype.js'

/** A message holds less than 64 KiB. */
const maximalBytes = 60_000

/**
 * Attribute message of a JSON value: booleans, integers, floats, texts, and lists of one of these, also nested to a box.
 *
 * @throws ERR_UNSUPPORTED for values that HDF5 has no type for (objects, null, mixed lists) and those above 60 kB.
 */
export function encodeAttribute(name: string, value: Json): Uint8Array {
  const shape = shapeOf(value)
  const flat: readonly Json[] = shape === undefined ? [value] : flatten(value)
  const encoded = shape?.includes(0) ? { type: encodeDatatype('float64'), data: new Uint8Array(0) } : encodeElements(flat)
  if (encoded === undefined) {
    throw new SourceError(
      'ERR_UNSUPPORTED',
      `HDF5 has no attribute for the value of ${JSON.stringify(name)}; it takes booleans, numbers, texts and lists of one of these (give other values as text: JSON.stringify)`,
      { kind: 'hdf5' }
    )
  }
  const { type, data } = encoded
  const nameBytes = new TextEncoder().encode(`${name}\0`)
  const space = encodeDataspace(shape ?? [])
  if (nameBytes.byteLength + data.byteLength > maximalBytes) {
    throw new SourceError(
      'ERR_UNSUPPORTED',
      `the attribute ${JSON.stringify(name)} takes ${data.byteLength} bytes; up to ${maximalBytes} are written`,
      { kind: 'hdf5' }
    )
  }
  return new ByteWriter()
    .u8(3, 0)
    .u16(nameBytes.byteLength, type.byteLength, space.byteLength)
    .u8(1)
    .bytes(nameBytes)
    .bytes(type)
    .bytes(space)
    .bytes(data)
    .finish()
}

/** Whether {@link encodeAttribute} takes the value. */
export function canEncodeAttribute(name: string, value: Json): boolean {
  try {
    encodeAttribute(name, value)
    return true
  } catch (error) {
    if (isSourceError(error, 'ERR_UNSUPPORTED')) return false
    throw error
  }
}

/** Dataspace message of a shape that does not grow. */
export function encodeDataspace(shape: readonly number[]): Uint8Array {
  return new ByteWriter()
    .u8(2, shape.length, 0, shape.length === 0 ? 0 : 1)
    .u64(...shape)
    .finish()
}

/** Shape of a list that is a box; `undefined` for a scalar. What is no box fails later, as an element of another type. */
function shapeOf(value: Json): number[] | undefined {
  if (!Array.isArray(value)) return undefined
  const list: readonly Json[] = value
  const inner = list.map(shapeOf)
  const [first] = inner
  if (first === undefined || inner.some((shape) => shape === undefined || shape.join() !== first.join())) return [list.length]
  return [list.length, ...first]
}

function flatten(value: Json): readonly Json[] {
  const shape = shapeOf(value) ?? []
  let list: readonly Json[] = [value]
  for (let depth = 0; depth < shape.length; depth++) list = list.flatMap((item): readonly Json[] => (Array.isArray(item) ? item : [item]))
  return list
}

function encodeElements(values: readonly Json[]): { readonly type: Uint8Array; readonly data: Uint8Array } | undefined {
  if (values.every((value) => typeof value === 'boolean')) {
    return { type: encodeDatatype('bool'), data: Uint8Array.from(values, (value) => (value === true ? 1 : 0)) }
  }
  if (values.every((value) => typeof value === 'number')) {
    const dtype: DType = values.every((value) => Number.isSafeInteger(value) && !Object.is(value, -0)) ? 'int64' : 'float64'
    const data = createData(dtype, values.length)
    for (const [at, value] of values.entries()) {
      if (data instanceof BigInt64Array) data[at] = BigInt(value)
      else if (data instanceof Float64Array) data[at] = value
    }
    return { type: encodeDatatype(dtype), data: bytesOf(data) }
  }
  if (values.every((value) => typeof value === 'string' && !value.includes('\0'))) {
    const texts = values.map((value) => new TextEncoder().encode(String(value)))
    const size = Math.max(1, ...texts.map((text) => text.byteLength))
    const data = new Uint8Array(size * texts.length)
    for (const [at, text] of texts.entries()) data.set(text, at * size)
    return { type: encodeTextType(size), data }
  }
  return undefined
}
