import type { CodecSpec } from '@bioimage/core'
import { BitReader } from '../bit-reader.js'
import { corrupt, unsupported } from '../codec-errors.js'
import { integersOption } from '../codec-options.js'
import type { CodecStep, ExpectedLength } from '../codec-step.js'
import { Payload } from '../payload.js'

/** Classes of types in the parameters. */
const atomic = 1
const array = 2
const compound = 3
const opaque = 4

const maximalDepth = 16

type PackedType =
  | { readonly kind: 'atomic'; readonly size: number; readonly bigEndian: boolean; readonly precision: number; readonly offset: number }
  | { readonly kind: 'array'; readonly size: number; readonly base: PackedType }
  | {
      readonly kind: 'compound'
      readonly size: number
      readonly members: readonly { readonly offset: number; readonly type: PackedType }[]
    }
  | { readonly kind: 'opaque'; readonly size: number }

/**
 * HDF5's n-bit filter, for reading: of every number only the bits that its type uses are stored. `parameters` are the client data
 * of the filter: their count, whether nothing is packed, the elements of a chunk, and the type.
 */
export function createNbit(spec: CodecSpec): CodecStep {
  const parameters = integersOption(spec, 'parameters')
  const [, unpacked, elements] = parameters
  if (unpacked === undefined || elements === undefined) throw corrupt('nbit', `${parameters.length} parameters, expected at least 3`)
  const type = unpacked !== 0 ? undefined : new TypeParser(parameters.slice(3)).parse(0)
  return {
    // Packed chunks are never longer; the library rounds up to whole bytes.
    encodedLength: (decoded) => (type === undefined ? decoded : { max: decoded.max + 8, exact: false }),
    decode: (encoded, expected) => (type === undefined ? encoded : Payload.of(unpack(encoded.view(), type, elements, expected))),
    encode: () => {
      throw unsupported('nbit', 'encoding is not implemented; use "shuffle" and "zlib"')
    }
  }
}

/** Reads the description of a type, which holds those of its parts. */
class TypeParser {
  readonly #parameters: readonly number[]
  #at = 0

  constructor(parameters: readonly number[]) {
    this.#parameters = parameters
  }

  parse(depth: number): PackedType {
    if (depth > maximalDepth) throw corrupt('nbit', `types nest deeper than ${maximalDepth} levels`)
    const kind = this.#next()
    const size = this.#next()
    if (size === 0) throw corrupt('nbit', 'a type of 0 bytes')
    switch (kind) {
      case atomic: {
        const [order, precision, offset] = [this.#next(), this.#next(), this.#next()]
        if (order > 1 || precision === 0 || precision + offset > size * 8)
          throw corrupt('nbit', `${precision} bits from bit ${offset} of ${size} bytes`)
        return { kind: 'atomic', size, bigEndian: order === 1, precision, offset }
      }
      case array: {
        const base = this.parse(depth + 1)
        if (size % base.size !== 0) throw corrupt('nbit', `an array of ${size} bytes holds elements of ${base.size}`)
        return { kind: 'array', size, base }
      }
      case compound: {
        const count = this.#next()
        const members: { offset: number; type: PackedType }[] = []
        for (let at = 0; at < count; at++) {
          const offset = this.#next()
          const type = this.parse(depth + 1)
          if (offset + type.size > size) throw corrupt('nbit', `a member reaches past the ${size} bytes of its type`)
          members.push({ offset, type })
        }
        return { kind: 'compound', size, members }
      }
      case opaque:
        return { kind: 'opaque', size }
      default:
        throw corrupt('nbit', `the parameters name the class ${kind}`)
    }
  }

  #next(): number {
    const value = this.#parameters[this.#at++]
    if (value === undefined) throw corrupt('nbit', 'the parameters end too early')
    return value
  }
}

function unpack(bytes: Uint8Array, type: PackedType, elements: number, expected: ExpectedLength): Uint8Array {
  const total = elements * type.size
  if (expected.exact ? total !== expected.max : total > expected.max)
    throw corrupt('nbit', `the parameters say ${total} bytes, expected ${expected.exact ? '' : 'at most '}${expected.max}`)
  const reader = new BitReader('nbit', bytes)
  const output = new Uint8Array(total)
  for (let at = 0; at < total; at += type.size) unpackOne(reader, type, output, at)
  return output
}

function unpackOne(reader: BitReader, type: PackedType, output: Uint8Array, start: number): void {
  switch (type.kind) {
    case 'atomic':
      unpackNumber(reader, type, output, start)
      return
    case 'array':
      for (let at = 0; at < type.size; at += type.base.size) unpackOne(reader, type.base, output, start + at)
      return
    case 'compound':
      for (const member of type.members) unpackOne(reader, member.type, output, start + member.offset)
      return
    case 'opaque':
      for (let at = 0; at < type.size; at++) output[start + at] = reader.take(8)
  }
}

/** The bits of a number, the highest first, into the bytes where they belong. */
function unpackNumber(
  reader: BitReader,
  { size, bigEndian, precision, offset }: Extract<PackedType, { kind: 'atomic' }>,
  output: Uint8Array,
  start: number
): void {
  for (let high = offset + precision; high > offset; ) {
    const byte = Math.floor((high - 1) / 8)
    const low = Math.max(offset, byte * 8)
    output[start + (bigEndian ? size - 1 - byte : byte)] = reader.take(high - low) << (low - byte * 8)
    high = low
  }
}
