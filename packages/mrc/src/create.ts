import { type CreateRequest, type DType, type ObjectWriter, SourceError, specOf } from '@bioimage/core'
import { createObject, defineSource, stridedOutput } from '@bioimage/core/backend'
import type { MrcSource } from './driver.js'
import { buildHeader, headerBytes, type NewHeader, parseHeader, putStatistics } from './header.js'
import { fileBytesOf, layoutOf, modeOf } from './layout.js'
import { attrsOf, metadataOf } from './metadata.js'
import { newAxes } from './new-axes.js'
import { newFields } from './new-fields.js'
import { measure } from './statistics.js'

/** Where a dtype that MRC does not have fits without loss, or with the least. */
const substitutes: Partial<Record<DType, DType>> = { bool: 'int8', uint8: 'int16', complex128: 'complex64' }

const largestDimension = 2 ** 31 - 1

/**
 * Creates a file for writing. It is filled under another name and appears, whole, when the source is closed.
 *
 * @throws ERR_UNSUPPORTED for what MRC cannot hold; ERR_ALREADY_EXISTS.
 */
export async function create(request: CreateRequest): Promise<MrcSource> {
  refuseUnsupported(request)
  const header = parseHeader(buildHeader(headerOf(request)))
  const layout = layoutOf(header)
  const size = fileBytesOf(header, layout)
  if (!Number.isSafeInteger(size)) throw unsupported(`${size} bytes are more than a file holds`)
  const writer = await createObject(request.location.store, '', { size, overwrite: request.overwrite, signal: request.signal })
  const access = stridedOutput(writer, layout, {
    finish: (writer) => finish(writer, headerOf(request), layout.dtype, request.params.statistics !== false)
  })
  const { statistics: _, ...params } = request.params
  return defineSource(
    {
      kind: 'mrc',
      shape: layout.shape,
      dtype: layout.dtype,
      attrs: attrsOf(header),
      metadata: metadataOf(header, layout.shape.length),
      writable: true,
      access,
      toSpec: specOf('mrc', { location: request.location, params }, undefined)
    },
    {
      kind: 'mrc' as const,
      extendedHeader: async (): Promise<Uint8Array> => new Uint8Array(0),
      discard: (): Promise<void> => access.discard()
    }
  )
}

async function finish(writer: ObjectWriter, header: NewHeader, dtype: DType, withStatistics: boolean): Promise<void> {
  const bytes = buildHeader(header)
  if (withStatistics) putStatistics(bytes, await measure(writer, headerBytes, dtype))
  await writer.write(0, bytes)
}

function headerOf(request: CreateRequest): NewHeader {
  const { shape, dtype } = request
  const [nx = 0, ny = 0] = shape.toReversed()
  const nz = shape.slice(0, -2).reduce((product, length) => product * length, 1)
  const { fields, cell } = newAxes(request)
  return { nx, ny, nz, mode: modeOf(dtype) ?? 0, ...fields, ...newFields(request, cell) }
}

function refuseUnsupported({ shape, dtype, chunks, shards, fillValue, location }: CreateRequest): void {
  if (modeOf(dtype) === undefined) {
    const fitting = substitutes[dtype] ?? 'float32'
    throw unsupported(
      `MRC holds int8, int16, uint16, float16, float32 and complex64, but not ${dtype}; convert the values, say to ${fitting}`
    )
  }
  if (shape.length < 2 || shape.length > 4) {
    throw unsupported(`MRC holds 2, 3 or 4 axes (an image, a volume, a stack of volumes), not ${shape.length}`)
  }
  if (shape.length === 4 && shape[1] === 0) throw unsupported('MRC cannot hold volumes without sections')
  if (shape.slice(-2).some((length) => length > largestDimension) || shape.slice(0, -2).reduce((a, b) => a * b, 1) > largestDimension) {
    throw unsupported(`MRC holds up to ${largestDimension} columns, rows and sections, not [${shape.join(', ')}]`)
  }
  if (chunks !== undefined || shards !== undefined) throw unsupported('MRC files are not cut into chunks; leave out `chunks` and `shards`')
  if (fillValue !== undefined && Number(fillValue) !== 0) {
    throw unsupported('values never written are 0 in an MRC file; leave out `fillValue`, and set the whole array to another value first')
  }
  const compressed = /\.(gz|bz2)$/.exec(location.name)
  if (compressed !== null) {
    throw unsupported(`MRC files are written uncompressed; create a file without ${compressed[0]} and compress that`)
  }
}

function unsupported(message: string): SourceError {
  return new SourceError('ERR_UNSUPPORTED', message)
}
