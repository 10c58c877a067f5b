import { codecRuntime } from '@bioimage/codecs'
import '@bioimage/codecs/hdf5'
import {
  type ArrayInfo,
  type CodecSpec,
  isJsonObject,
  type Json,
  type JsonObject,
  type OpenRequest,
  resolveLocation,
  SourceError,
  specOf
} from '@bioimage/core'
import {
  arrayNotChosen,
  arrayNotFound,
  type ChunkLocation,
  chunkedAccess,
  defineSource,
  itemSizeOf,
  parseDocument,
  sizeOf,
  unreadableArray
} from '@bioimage/core/backend'
import type { Hdf5Source } from '../driver.js'
import { metadataOfAttributes } from '../metadata/own-attributes.js'
import { bytesOfScalar, type Scalar } from '../scalar-bytes.js'
import { corrupt, unsupported } from '../structure/structure-reader.js'
import { Reference } from './parse-reference.js'
import { parseZarrType } from './zarr-type.js'

type ReferenceRequest = Pick<OpenRequest, 'location' | 'params' | 'context' | 'signal'>

/**
 * Opens a dataset by a reference: nothing of the file's structure is read.
 *
 * @throws ERR_NOT_FOUND, ERR_ARRAY_NOT_CHOSEN, ERR_CORRUPT_DATA, ERR_UNSUPPORTED
 */
export async function openByReference(request: OpenRequest, path: string): Promise<Hdf5Source> {
  const { location, context, mode } = request
  const { store } = location
  if (mode !== 'r') {
    const message = 'a file that is opened by a reference is read only: the reference would no longer be true; open it without'
    throw new SourceError('ERR_READ_ONLY', message, { kind: 'hdf5', path: location.path })
  }
  const { reference, params } = await loadReference(request)
  const size = await checkedSize(request, reference)
  const array = readArray(reference, path)
  if (array === undefined) {
    const arrays = reference.arrays()
    const shown = arrays
      .slice(0, 20)
      .map((name) => JSON.stringify(name))
      .join(', ')
    const names = arrays.length === 0 ? '' : `its arrays are ${shown}${arrays.length > 20 ? ' and more' : ''}`
    const isGroup = path === '' || arrays.some((name) => name.startsWith(`${path}/`))
    throw isGroup ? arrayNotChosen('hdf5', store, path, names) : arrayNotFound('hdf5', store, path, names)
  }
  const { shape, dtype, byteOrder, chunks, codecs, fill, attrs } = array
  const prefix = path === '' ? '' : `${path}/`
  const locate = (position: readonly number[]): ChunkLocation | undefined => {
    const chunk = reference.chunk(`${prefix}${position.length === 0 ? '0' : position.join('.')}`)
    if (chunk === undefined || 'bytes' in chunk) return chunk
    if (chunk.offset + chunk.length > size)
      throw corrupt(`the reference has a chunk up to byte ${chunk.offset + chunk.length} of a file of ${size}`)
    return { key: '', ...chunk }
  }
  const storage = { store, unitOf: () => '', locate }
  const identity = `${store.identity}\n${path}#reference:${references++}`
  const given = { ...request, params }
  return defineSource(
    {
      kind: 'hdf5',
      shape,
      dtype,
      chunks,
      attrs,
      metadata: metadataOfAttributes(attrs, shape.length),
      writable: false,
      access: chunkedAccess({ shape, dtype, chunks, byteOrder, codecs, fill, storage, identity }, codecRuntime, context),
      toSpec: specOf('hdf5', given, path)
    },
    { kind: 'hdf5' as const }
  )
}

let references = 0

/** The arrays of a reference, as `listArrays` gives them. */
export async function listReference(request: ReferenceRequest, path: string): Promise<readonly ArrayInfo[]> {
  const { reference } = await loadReference(request)
  const isBelow = (name: string): boolean => path === '' || name === path || name.startsWith(`${path}/`)
  return reference
    .arrays()
    .filter(isBelow)
    .map((internalPath) => {
      try {
        const array = readArray(reference, internalPath)
        if (array === undefined) throw corrupt('it has no document')
        const { shape, dtype, chunks, codecs, attrs } = array
        return {
          internalPath,
          shape,
          dtype,
          chunks,
          shards: null,
          codecs: codecs.map(({ id }) => id),
          metadata: metadataOfAttributes(attrs, shape.length)
        }
      } catch (error) {
        return unreadableArray(internalPath, error instanceof Error ? error.message : String(error))
      }
    })
}

/** The reference, and the options by which it is found again. */
async function loadReference({
  location,
  params,
  context,
  signal
}: ReferenceRequest): Promise<{ reference: Reference; params: JsonObject }> {
  const given = params.reference
  if (typeof given !== 'string') return { reference: new Reference(given, location.name), params }
  const { store, path } = await resolveLocation(given, context)
  const bytes = await store.get('', { signal })
  if (bytes === undefined) throw new SourceError('ERR_NOT_FOUND', `the reference ${path ?? given} does not exist`, { kind: 'hdf5', path })
  let document: Json
  try {
    document = JSON.parse(new TextDecoder().decode(bytes))
  } catch (cause) {
    throw corrupt(`the reference ${path ?? given} is no JSON: ${cause instanceof Error ? cause.message : String(cause)}`, cause)
  }
  return { reference: new Reference(document, location.name), params: { ...params, reference: path ?? given } }
}

/** Bytes of the file, which must be those that the reference was made of. */
async function checkedSize({ location, signal }: ReferenceRequest, reference: Reference): Promise<number> {
  const size = await location.store.size('', { signal })
  if (size === undefined)
    throw new SourceError('ERR_NOT_FOUND', `${location.path ?? 'the file'} does not exist`, { kind: 'hdf5', path: location.path })
  if (reference.size !== undefined && reference.size !== size) {
    throw corrupt(`the reference is of a file of ${reference.size} bytes, and ${location.path ?? 'the file'} has ${size}: export it again`)
  }
  return size
}

function readArray(reference: Reference, path: string) {
  const prefix = path === '' ? '' : `${path}/`
  const bytes = reference.document(`${prefix}.zarray`)
  if (bytes === undefined) return undefined
  const document = parseDocument(bytes, `${prefix}.zarray`, 'fill_value')
  const { dtype, byteOrder } = parseZarrType(document.dtype)
  const shape = lengthsOf(document.shape, 'shape', 0)
  const chunks = lengthsOf(document.chunks, 'chunks', 1)
  if (shape.length !== chunks.length) throw corrupt(`an array of ${shape.length} axes has chunks of ${chunks.length}`)
  if (sizeOf(chunks) * itemSizeOf(dtype) > Number.MAX_SAFE_INTEGER) throw corrupt(`chunks of [${chunks.join(', ')}] elements are too large`)
  if (document.order !== 'C' && shape.length > 1)
    throw unsupported(`arrays of order ${JSON.stringify(document.order)} in references are not read`)
  if (document.dimension_separator !== undefined && document.dimension_separator !== '.')
    throw unsupported('references with another separator than "." are not read')
  const steps = [
    ...(Array.isArray(document.filters) ? document.filters : []),
    ...(document.compressor == null ? [] : [document.compressor])
  ]
  const attributes = reference.document(`${prefix}.zattrs`)
  const { _ARRAY_DIMENSIONS: _, ...attrs } = attributes === undefined ? {} : parseDocument(attributes, `${prefix}.zattrs`)
  return { shape, chunks, dtype, byteOrder, codecs: steps.map(codecOf), fill: fillOf(dtype, document.fill_value), attrs }
}

function codecOf(step: Json): CodecSpec {
  if (!isJsonObject(step) || typeof step.id !== 'string') throw corrupt(`a codec of the reference has no \`id\`: ${JSON.stringify(step)}`)
  // Files of HDF5 before 1.6.3 hold the bytes of the sums swapped.
  return { ...step, id: step.id, ...(step.id === 'fletcher32' && { acceptSwapped: true }) }
}

function fillOf(dtype: Parameters<typeof bytesOfScalar>[0], value: Json | undefined): Uint8Array {
  const exact = (part: Json): number | string | bigint | boolean | undefined =>
    typeof part === 'string' && /^-?\d+$/.test(part)
      ? BigInt(part)
      : typeof part === 'number' || typeof part === 'string' || typeof part === 'boolean'
        ? part
        : undefined
  const scalar: Scalar | undefined = value == null ? (dtype === 'bool' ? false : 0) : Array.isArray(value) ? partsOf(value) : exact(value)
  const bytes = scalar === undefined ? undefined : bytesOfScalar(dtype, scalar)
  if (bytes === undefined) throw corrupt(`\`fill_value\` ${JSON.stringify(value)} of the reference is no ${dtype}`)
  return bytes
}

function partsOf(value: readonly Json[]): readonly (number | string)[] | undefined {
  return value.every((part) => typeof part === 'number' || typeof part === 'string') ? value : undefined
}

function lengthsOf(value: Json | undefined, name: string, least: number): number[] {
  const lengths: number[] = []
  for (const length of Array.isArray(value) ? value : [undefined]) {
    if (typeof length !== 'number' || !Number.isSafeInteger(length) || length < least)
      throw corrupt(`\`${name}\` of the reference is no list of lengths: ${JSON.stringify(value)}`)
    lengths.push(length)
  }
  return lengths
}
