import { encodeBytes } from '@bioimage/codecs'
import { type CreateRequest, type DType, SourceError, type Store, specOf } from '@bioimage/core'
import { createObject, defineSource, itemSizeOf, stridedOutput } from '@bioimage/core/backend'
import { derivedFields, freeFields } from './attribute-fields.js'
import type { NiftiExtension, NiftiSource } from './driver.js'
import { buildHeader, parseHeader } from './header.js'
import { datatypeOf, fileBytesOf, layoutOf } from './layout.js'
import { attrsOf, metadataOf } from './metadata.js'
import { newFields } from './new-fields.js'

/** The attributes that a header has a place for. */
export const attributes: readonly string[] = [...freeFields, ...derivedFields]

/** Where a dtype that NIfTI does not have fits without loss. */
const substitutes: Partial<Record<DType, DType>> = { bool: 'uint8', float16: 'float32' }

const largestDimension = { 1: 2 ** 15 - 1, 2: Number.MAX_SAFE_INTEGER } as const

/**
 * Creates a file for writing: NIfTI-1, or NIfTI-2 where an axis needs it. It appears, whole, when the source is closed. A `.nii` is filled
 * under another name; a `.nii.gz` is collected in memory and compressed then.
 *
 * @throws ERR_UNSUPPORTED for what NIfTI cannot hold; ERR_ALREADY_EXISTS.
 */
export async function create(request: CreateRequest): Promise<NiftiSource> {
  refuseUnsupported(request)
  const bytes = headerOf(request)
  const header = parseHeader(bytes)
  const layout = layoutOf(header, true, { scaled: false, dtype: undefined })
  const size = fileBytesOf(layout)
  if (!Number.isSafeInteger(size)) throw unsupported(`${size} bytes are more than a file holds`)
  const { location, overwrite, signal } = request
  const { level, ...params } = request.params
  const isCompressed = location.name.endsWith('.gz')
  const store = isCompressed ? compressing(location.store, typeof level === 'number' ? level : 1) : location.store
  const writer = await createObject(store, '', { size, overwrite, signal })
  const access = stridedOutput(writer, layout, { finish: (writer) => writer.write(0, bytes) })
  return defineSource(
    {
      kind: 'nifti',
      shape: layout.shape,
      dtype: layout.dtype,
      attrs: attrsOf(header, []),
      metadata: metadataOf(header),
      writable: true,
      access,
      toSpec: specOf('nifti', { location, params }, undefined)
    },
    {
      kind: 'nifti' as const,
      extensions: async (): Promise<readonly NiftiExtension[]> => [],
      gzipIndex: async (): Promise<Uint8Array> => new Uint8Array(0),
      discard: (): Promise<void> => access.discard()
    }
  )
}

function headerOf(request: CreateRequest): Uint8Array {
  const { shape, dtype } = request
  const datatype = datatypeOf(dtype) ?? 0
  const lengths = shape.toReversed()
  const [first, second, third] = lengths
  // By these lengths FreeSurfer means others.
  const isMistakable = first === 27307 && second === 1 && third === 6
  return buildHeader({
    version: isMistakable || lengths.some((length) => length > largestDimension[1]) ? 2 : 1,
    dim: [lengths.length, ...lengths, ...Array.from({ length: 7 - lengths.length }, () => 1)],
    datatype,
    bitpix: 8 * itemSizeOf(dtype),
    scl_slope: 1,
    scl_inter: 0,
    ...newFields(request)
  })
}

/** A store that keeps what it is given as gzip. */
function compressing(store: Store, level: number): Store {
  const { set } = store
  return {
    identity: store.identity,
    path: store.path,
    remote: store.remote,
    get: (key, options) => store.get(key, options),
    size: (key, options) => store.size(key, options),
    ...(set !== undefined && {
      set: async (key, bytes, options) => set.call(store, key, await encodeBytes({ id: 'gzip', level }, bytes), options)
    })
  }
}

function refuseUnsupported({ shape, dtype, chunks, shards, fillValue, location, params }: CreateRequest): void {
  if (datatypeOf(dtype) === undefined) {
    throw unsupported(`NIfTI holds no ${dtype}; convert the values, say to ${substitutes[dtype] ?? 'float32'}`)
  }
  if (shape.length < 1 || shape.length > 7) throw unsupported(`NIfTI holds 1 to 7 axes, not ${shape.length}`)
  if (chunks !== undefined || shards !== undefined)
    throw unsupported('NIfTI files are not cut into chunks; leave out `chunks` and `shards`')
  if (fillValue !== undefined && Number(fillValue) !== 0) {
    throw unsupported('values never written are 0 in a NIfTI file; leave out `fillValue`, and set the whole array to another value first')
  }
  if (/\.(hdr|img)(\.gz)?$/.test(location.name)) throw unsupported('NIfTI is written as one file, not as a pair; name it .nii or .nii.gz')
  for (const option of ['scaled', 'gzipIndex']) {
    if (params[option] !== undefined) throw unsupported(`\`${option}\` is an option for reading; leave it out here`)
  }
}

function unsupported(message: string): SourceError {
  return new SourceError('ERR_UNSUPPORTED', message)
}
