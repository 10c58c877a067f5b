import { corrupt, type StructureReader, unsupported } from '../structure/structure-reader.js'

/** Byte order of numbers. */
export type ByteOrder = 'little' | 'big'

/** A type of elements (specification, "The Datatype Message"). `size` counts bytes. */
export type Datatype = { readonly size: number } & (
  | {
      readonly class: 'integer' | 'bitfield'
      readonly order: ByteOrder
      readonly signed: boolean
      readonly bitOffset: number
      readonly precision: number
    }
  | { readonly class: 'float'; readonly order: ByteOrder | 'vax'; readonly fields: FloatFields }
  | { readonly class: 'string'; readonly padding: StringPadding }
  | { readonly class: 'compound'; readonly members: readonly Member[] }
  | { readonly class: 'enum'; readonly base: Datatype; readonly names: readonly string[]; readonly values: readonly Uint8Array[] }
  | { readonly class: 'vlen'; readonly text: boolean; readonly base: Datatype }
  | { readonly class: 'array'; readonly shape: readonly number[]; readonly base: Datatype }
  | { readonly class: 'complex'; readonly base: Datatype }
  | { readonly class: 'time' | 'opaque' | 'reference' }
)

export type StringPadding = 'zero-terminated' | 'zero-padded' | 'space-padded'

/** Where the parts of a float lie, in bits from the least significant. */
export interface FloatFields {
  readonly bitOffset: number
  readonly precision: number
  readonly sign: number
  readonly exponent: number
  readonly exponentSize: number
  readonly mantissa: number
  readonly mantissaSize: number
  readonly bias: number
  /** The mantissa's highest bit is 1 and not stored. */
  readonly impliedBit: boolean
}

export interface Member {
  readonly name: string
  readonly offset: number
  readonly type: Datatype
}

const maximalDepth = 32

/** @throws ERR_CORRUPT_DATA, ERR_UNSUPPORTED (a class or version that is not known) */
export function parseDatatype(fields: StructureReader, depth = 0): Datatype {
  if (depth > maximalDepth) throw corrupt(`datatypes nest deeper than ${maximalDepth} levels`)
  const classAndVersion = fields.u8()
  const version = classAndVersion >> 4
  const bits = fields.uint(3)
  const size = fields.u32()
  if (version < 1 || version > 5) throw unsupported(`version ${version} of the datatype message is not known`)
  if (size === 0) throw corrupt('a datatype has elements of 0 bytes')
  switch (classAndVersion & 15) {
    case 0:
    case 4: {
      const bitOffset = fields.u16()
      const precision = fields.u16()
      if (precision === 0 || bitOffset + precision > size * 8)
        throw corrupt(`an integer has ${precision} bits at bit ${bitOffset} of ${size} bytes`)
      const integer = (classAndVersion & 15) === 0
      return {
        class: integer ? 'integer' : 'bitfield',
        size,
        order: bits & 1 ? 'big' : 'little',
        signed: integer && (bits & 8) !== 0,
        bitOffset,
        precision
      }
    }
    case 1:
      return { class: 'float', size, order: bits & 0x40 ? 'vax' : bits & 1 ? 'big' : 'little', fields: floatFields(fields, bits, size) }
    case 2:
      fields.skip(2)
      return { class: 'time', size }
    case 3:
      return { class: 'string', size, padding: paddingOf(bits & 15) }
    case 5:
      fields.skip(bits & 0xff)
      return { class: 'opaque', size }
    case 6:
      return { class: 'compound', size, members: compoundMembers(fields, version, bits & 0xffff, size, depth) }
    case 7:
      return { class: 'reference', size }
    case 8:
      return enumType(fields, version, bits & 0xffff, size, depth)
    case 9:
      return { class: 'vlen', size, text: (bits & 15) === 1, base: parseDatatype(fields, depth + 1) }
    case 10:
      return arrayType(fields, version, size, depth)
    case 11: {
      const base = parseDatatype(fields, depth + 1)
      if (base.size * 2 !== size) throw corrupt(`a complex number of ${size} bytes has parts of ${base.size}`)
      return { class: 'complex', size, base }
    }
    default:
      throw unsupported(`datatype class ${classAndVersion & 15} is not known`)
  }
}

function floatFields(fields: StructureReader, bits: number, size: number): FloatFields {
  const bitOffset = fields.u16()
  const precision = fields.u16()
  const [exponent, exponentSize, mantissa, mantissaSize] = [fields.u8(), fields.u8(), fields.u8(), fields.u8()]
  const bias = fields.u32()
  const end = size * 8
  if (precision === 0 || bitOffset + precision > end || exponent + exponentSize > end || mantissa + mantissaSize > end) {
    throw corrupt(`the parts of a float do not lie inside its ${size} bytes`)
  }
  return {
    bitOffset,
    precision,
    sign: (bits >> 8) & 0xff,
    exponent,
    exponentSize,
    mantissa,
    mantissaSize,
    bias,
    impliedBit: ((bits >> 4) & 3) === 2
  }
}

function paddingOf(value: number): StringPadding {
  return value === 0 ? 'zero-terminated' : value === 1 ? 'zero-padded' : 'space-padded'
}

/** Up to version 2, names are padded with zeros to a multiple of 8. */
function nameOf(fields: StructureReader, version: number): string {
  const start = fields.position
  const name = fields.zeroTerminated()
  if (version < 3) fields.skip((8 - ((fields.position - start) % 8)) % 8)
  return name
}

function compoundMembers(fields: StructureReader, version: number, count: number, size: number, depth: number): Member[] {
  const members: Member[] = []
  const offsetWidth = version < 3 ? 4 : size < 256 ? 1 : size < 65536 ? 2 : size < 2 ** 24 ? 3 : 4
  for (let index = 0; index < count; index++) {
    const name = nameOf(fields, version)
    const offset = fields.uint(offsetWidth)
    const shape = version === 1 ? memberShape(fields) : []
    const element = parseDatatype(fields, depth + 1)
    const type: Datatype =
      shape.length === 0 ? element : { class: 'array', size: shape.reduce((a, b) => a * b, element.size), shape, base: element }
    if (offset + type.size > size)
      throw corrupt(`the member ${JSON.stringify(name)} of a compound type does not lie inside its ${size} bytes`)
    members.push({ name, offset, type })
  }
  return members
}

/** Version 1 knew arrays only as members. */
function memberShape(fields: StructureReader): number[] {
  const rank = fields.u8()
  if (rank > 4) throw corrupt(`a member of a compound type has ${rank} axes; 4 are allowed`)
  fields.skip(3 + 4 + 4)
  const lengths = [fields.u32(), fields.u32(), fields.u32(), fields.u32()]
  return lengths.slice(0, rank)
}

function enumType(fields: StructureReader, version: number, count: number, size: number, depth: number): Datatype {
  const base = parseDatatype(fields, depth + 1)
  if (base.size !== size) throw corrupt(`an enumeration of ${size} bytes is based on a type of ${base.size}`)
  const names = Array.from({ length: count }, () => nameOf(fields, version))
  const values = names.map(() => fields.take(size))
  return { class: 'enum', size, base, names, values }
}

function arrayType(fields: StructureReader, version: number, size: number, depth: number): Datatype {
  const rank = fields.u8()
  if (rank > maximalDepth) throw corrupt(`an array type has ${rank} axes`)
  if (version < 3) fields.skip(3)
  const shape = Array.from({ length: rank }, () => fields.u32())
  if (version < 3) fields.skip(4 * rank)
  const base = parseDatatype(fields, depth + 1)
  if (shape.reduce((a, b) => a * b, base.size) !== size)
    throw corrupt(`an array type of ${size} bytes holds [${shape.join(', ')}] elements of ${base.size}`)
  return { class: 'array', size, shape, base }
}

/** Name of a type for messages and listings. */
export function nameOfDatatype(type: Datatype): string {
  switch (type.class) {
    case 'integer':
      return `${type.signed ? 'int' : 'uint'}${type.precision}${type.precision === type.size * 8 ? '' : ` in ${type.size} bytes`}`
    case 'bitfield':
      return `bit field of ${type.size} bytes`
    case 'float':
      return `${type.order === 'vax' ? 'VAX ' : ''}float of ${type.size} bytes (${type.fields.exponentSize} bits of exponent, ${type.fields.mantissaSize} of mantissa)`
    case 'string':
      return `string of ${type.size} bytes`
    case 'vlen':
      return type.text ? 'variable-length string' : `variable-length sequence of ${nameOfDatatype(type.base)}`
    case 'enum':
      return `enum of ${nameOfDatatype(type.base)}`
    case 'array':
      return `array [${type.shape.join(', ')}] of ${nameOfDatatype(type.base)}`
    case 'compound':
      return `compound (${type.members.map((member) => member.name).join(', ')})`
    case 'complex':
      return `complex of ${nameOfDatatype(type.base)}`
    default:
      return type.class
  }
}
