import { isJsonObject, type Json, type JsonObject, SourceError } from '@bioimage/core'

/** Bytes of the header: one JSON object, padded with blanks, and a newline. The elements follow. */
export const headerBytes = 4096

/** Types of the elements. */
export const elementTypes = ['uint8', 'uint16', 'int16', 'float32'] as const
export type ElementType = (typeof elementTypes)[number]

/** What the header says. */
export interface LabvolHeader {
  /** Elements along z, y, x; x varies fastest in a file of order `C`, z in one of order `F`. */
  readonly shape: readonly [number, number, number]
  readonly dtype: ElementType
  readonly byteOrder: 'little' | 'big'
  readonly order: 'C' | 'F'
  /** Distance between neighbours along z, y, x, in micrometers; absent if the microscope did not know it. */
  readonly voxelSize?: readonly [number, number, number] | undefined
  /** Whatever the microscope noted. */
  readonly notes: JsonObject
}

/** @throws ERR_CORRUPT_DATA for what is no such header, ERR_UNSUPPORTED for a version or type that is not read. */
export function parseHeader(bytes: Uint8Array): LabvolHeader {
  if (bytes.byteLength < headerBytes) {
    throw corrupt(`a LabVol file begins with a header of ${headerBytes} bytes, found ${bytes.byteLength}`)
  }
  const { labvol, shape, dtype, byteOrder = 'little', order = 'C', voxelSize, notes = {} } = parseObject(bytes.subarray(0, headerBytes))
  if (labvol !== 1) throw unsupported(`version ${JSON.stringify(labvol)} of LabVol is not read; known is 1`)
  const known = elementTypes.find((name) => name === dtype)
  if (known === undefined) throw unsupported(`dtype ${JSON.stringify(dtype)} is not read; known are ${elementTypes.join(', ')}`)
  if (byteOrder !== 'little' && byteOrder !== 'big') throw unexpected('byteOrder', '"little" or "big"', byteOrder)
  if (order !== 'C' && order !== 'F') throw unexpected('order', '"C" or "F"', order)
  if (!isJsonObject(notes)) throw unexpected('notes', 'an object', notes)
  return {
    shape: triple('shape', shape, 'three integers of at least 0', (length) => Number.isSafeInteger(length) && length >= 0),
    dtype: known,
    byteOrder,
    order,
    ...(voxelSize !== undefined && { voxelSize: triple('voxelSize', voxelSize, 'three numbers above 0', (size) => size > 0) }),
    notes
  }
}

/** @throws ERR_UNSUPPORTED if the notes are too long for the header. */
export function buildHeader({ shape, dtype, byteOrder, order, voxelSize, notes }: LabvolHeader): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify({ labvol: 1, shape, dtype, byteOrder, order, voxelSize, notes }))
  if (text.byteLength >= headerBytes) {
    throw unsupported(`the header takes ${text.byteLength + 1} bytes, but LabVol has ${headerBytes} for it; shorten the attributes`)
  }
  const bytes = new Uint8Array(headerBytes).fill(0x20)
  bytes.set(text)
  bytes[headerBytes - 1] = 0x0a
  return bytes
}

/** Header fields are what JSON says, and `undefined` for those that are not there. */
function parseObject(bytes: Uint8Array): Readonly<Record<string, Json | undefined>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    if (isJsonObject(value)) return value
  } catch (cause) {
    throw new SourceError('ERR_CORRUPT_DATA', 'not a LabVol file: its header is not JSON', { cause })
  }
  throw corrupt('not a LabVol file: its header is no JSON object')
}

function triple(name: string, value: Json | undefined, expected: string, holds: (item: number) => boolean): [number, number, number] {
  const [z, y, x, ...others] = Array.isArray(value) ? value : []
  const fits = (item: Json | undefined): item is number => typeof item === 'number' && Number.isFinite(item) && holds(item)
  if (!fits(z) || !fits(y) || !fits(x) || others.length > 0) throw unexpected(name, expected, value)
  return [z, y, x]
}

function unexpected(name: string, expected: string, found: Json | undefined): SourceError {
  return corrupt(`${name} of the LabVol header is ${expected}, found ${JSON.stringify(found)?.slice(0, 80)}`)
}

function corrupt(message: string): SourceError {
  return new SourceError('ERR_CORRUPT_DATA', message)
}

function unsupported(message: string): SourceError {
  return new SourceError('ERR_UNSUPPORTED', message)
}
