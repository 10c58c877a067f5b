import { type CreateRequest, SourceError, specOf } from '@bioimage/core'
import { contiguousStride, createObject, defineSource, itemSizeOf, type StridedOutput, stridedOutput } from '@bioimage/core/backend'
import type { TifSource } from './driver.js'
import { descriptionOf } from './writing/description.js'
import { encodeHeader, encodeIfd, headerBytesOf, ifdBytesOf } from './writing/encode-ifd.js'
import { type NewImage, planImage } from './writing/new-image.js'
import { pageFields } from './writing/page-fields.js'
import { capacityOf, chunksOf, type SegmentOutput, segmentOutput } from './writing/segment-output.js'

/** Names of the attributes that a new file has a place for: none. */
export const attributes: readonly string[] = []

/**
 * Creates a file for writing. It is filled under another name and appears, whole, when the source is closed.
 *
 * @throws ERR_UNSUPPORTED for what TIFF cannot hold; ERR_INVALID_ARGUMENT; ERR_ALREADY_EXISTS.
 */
export async function create(request: CreateRequest): Promise<TifSource> {
  const image = planImage(request)
  const { shape, dtype } = image
  const access = isContiguous(image) ? await contiguousOutput(image, request) : await segmentsOutput(image, request)
  return defineSource(
    {
      kind: 'tif',
      shape,
      dtype,
      chunks: isContiguous(image) ? null : chunksOf(image),
      metadata: image.metadata,
      writable: true,
      access,
      toSpec: specOf('tif', { location: request.location }, undefined)
    },
    { kind: 'tif' as const, axes: image.axes ?? 'Q'.repeat(shape.length), seriesKind: image.description, discard: () => access.discard() }
  )
}

/** Whether pages lie as they are, so that any element can be written in place. */
function isContiguous({ compression, segment }: NewImage): boolean {
  return compression === 'none' && !segment.tiled
}

async function contiguousOutput(image: NewImage, { location, overwrite, signal }: CreateRequest): Promise<StridedOutput> {
  const { shape, dtype } = image
  const file = contiguousFile(image)
  const writer = await createObject(location.store, '', { size: file.size, overwrite, signal })
  await writer.write(0, file.beginning)
  if (file.ending.byteLength > 0) await writer.write(file.size - file.ending.byteLength, file.ending)
  return stridedOutput(writer, {
    shape,
    dtype,
    byteOrder: 'little',
    strides: contiguousStride(shape).map((stride) => stride * itemSizeOf(dtype)),
    parts: [{ key: '', offset: file.dataOffset }]
  })
}

/** Segments first, then all directories one behind the other. */
async function segmentsOutput(image: NewImage, { location, overwrite, signal }: CreateRequest): Promise<SegmentOutput> {
  const { big, planes } = image
  const description = descriptionOf(image)
  const header = headerBytesOf(big)
  const size = header + capacityOf(image, location.store.create !== undefined)
  const writer = await createObject(location.store, '', { size, overwrite, signal })
  return segmentOutput(image, writer, header, async (places, end) => {
    const first = Math.ceil(end / 8) * 8
    const pieces: Uint8Array[] = []
    let at = first
    for (let plane = 0; plane < planes; plane++) {
      const fields = pageFields(image, places(plane), plane === 0 ? description : undefined)
      const next = at + ifdBytesOf(fields, big)
      pieces.push(encodeIfd(fields, at, plane === planes - 1 ? 0 : next, big))
      at = next
    }
    if (!big && at > 2 ** 32 - 1)
      throw new SourceError('ERR_TOO_LARGE', 'the file passed 4 GiB; create it with `bigTiff: true`', { kind: 'tif' })
    let offset = first
    for (const piece of pieces) {
      await writer.write(offset, piece)
      offset += piece.byteLength
    }
    await writer.write(0, encodeHeader(big, first))
    return at
  })
}

interface ContiguousFile {
  readonly size: number
  readonly dataOffset: number
  /** Header and first directory. */
  readonly beginning: Uint8Array
  /** The other directories, behind the pixels. */
  readonly ending: Uint8Array
}

/** Pages begin at multiples of this, so that any reader can map them. */
const dataAlignment = 4096

/**
 * A file of uncompressed pages one behind the other, between the first directory and all others: so readers see from the first alone
 * where every pixel lies.
 */
function contiguousFile(image: NewImage): ContiguousFile {
  const { big, planes, width, length, samples, dtype, segment } = image
  const rowBytes = width * samples * itemSizeOf(dtype)
  const strips = Math.ceil(length / segment.length)
  const description = descriptionOf(image)
  const fieldsAt = (plane: number, data: number): ReturnType<typeof pageFields> => {
    const start = data + plane * length * rowBytes
    const offsets = Array.from({ length: strips }, (_, strip) => start + strip * segment.length * rowBytes)
    const byteCounts = offsets.map((_, strip) => Math.min(segment.length, length - strip * segment.length) * rowBytes)
    return pageFields(image, { offsets, byteCounts }, plane === 0 ? description : undefined)
  }
  const header = headerBytesOf(big)
  const first = ifdBytesOf(fieldsAt(0, 0), big)
  const other = planes > 1 ? ifdBytesOf(fieldsAt(1, 0), big) : 0
  const dataOffset = Math.ceil((header + first) / dataAlignment) * dataAlignment
  const table = Math.ceil((dataOffset + planes * length * rowBytes) / 8) * 8
  const beginning = new Uint8Array(header + first)
  beginning.set(encodeHeader(big, header))
  beginning.set(encodeIfd(fieldsAt(0, dataOffset), header, planes > 1 ? table : 0, big), header)
  const ending = new Uint8Array((planes - 1) * other)
  for (let plane = 1; plane < planes; plane++) {
    const at = (plane - 1) * other
    const next = plane === planes - 1 ? 0 : table + at + other
    ending.set(encodeIfd(fieldsAt(plane, dataOffset), table + at, next, big), at)
  }
  return { size: planes > 1 ? table + ending.byteLength : dataOffset + planes * length * rowBytes, dataOffset, beginning, ending }
}
