import { type CreateRequest, SourceError, specOf } from '@bioimage/core'
import { createObject, defineSource, stridedOutput } from '@bioimage/core/backend'
import type { LabvolSource } from './driver.js'
import { buildHeader, elementTypes, type LabvolHeader } from './header.js'
import { fileBytesOf, layoutOf, metadataOf } from './layout.js'

/**
 * Creates a file for writing. It is filled under another name and appears, whole, when the source is closed.
 *
 * @throws ERR_UNSUPPORTED for what LabVol cannot hold; ERR_ALREADY_EXISTS.
 */
export async function create(request: CreateRequest): Promise<LabvolSource> {
  const header = headerOf(request)
  const bytes = buildHeader(header)
  const size = fileBytesOf(header)
  if (!Number.isSafeInteger(size)) throw unsupported(`${size} bytes are more than a file holds`)
  const { store } = request.location
  const writer = await createObject(store, '', { size, overwrite: request.overwrite, signal: request.signal })
  const layout = layoutOf(header)
  const definition = {
    kind: 'labvol',
    shape: layout.shape,
    dtype: layout.dtype,
    attrs: header.notes,
    metadata: metadataOf(header),
    writable: true,
    access: stridedOutput(writer, layout, { finish: (writer) => writer.write(0, bytes) }),
    // The order is written in the file: a spec opens it without.
    toSpec: specOf('labvol', { location: request.location }, undefined)
  }
  return defineSource(definition, { kind: 'labvol' as const })
}

function headerOf({ shape, dtype, chunks, shards, fillValue, attrs, metadata, params }: CreateRequest): LabvolHeader {
  const [z, y, x, ...others] = shape
  if (z === undefined || y === undefined || x === undefined || others.length > 0) {
    throw unsupported(`LabVol holds volumes of the axes z, y, x, not ${shape.length} axes`)
  }
  const known = elementTypes.find((name) => name === dtype)
  if (known === undefined) throw unsupported(`LabVol holds ${elementTypes.join(', ')}, but not ${dtype}; convert the values`)
  if (chunks !== undefined || shards !== undefined) throw unsupported('LabVol files have no chunks; leave out `chunks` and `shards`')
  if (fillValue !== undefined && Number(fillValue) !== 0) throw unsupported('what is never written is 0; leave out `fillValue`')
  const order = params.order === 'F' ? 'F' : 'C'
  return { shape: [z, y, x], dtype: known, byteOrder: 'little', order, voxelSize: voxelSizeOf(metadata.axes), notes: attrs }
}

/** Micrometers per voxel, if every axis says how far apart its elements are. */
function voxelSizeOf(axes: CreateRequest['metadata']['axes']): LabvolHeader['voxelSize'] {
  const unit = axes?.find((axis) => axis.scale !== undefined && axis.unit !== 'micrometer')?.unit
  if (unit !== undefined) throw unsupported(`LabVol gives voxel sizes in micrometers, not in ${unit}; convert them`)
  const [z, y, x] = (axes ?? []).map((axis) => (axis.unit === undefined ? undefined : axis.scale))
  return z === undefined || y === undefined || x === undefined ? undefined : [z, y, x]
}

function unsupported(message: string): SourceError {
  return new SourceError('ERR_UNSUPPORTED', message)
}
