import { type CreateRequest, type ObjectWriter, specOf } from '@bioimage/core'
import { contiguousStride, createObject, defineSource, itemSizeOf, type StridedOutput, stridedOutput } from '@bioimage/core/backend'
import type { TifSource } from './driver.js'
import { descriptionOf } from './writing/description.js'
import { encodeHeader, encodeIfd, headerBytesOf, ifdBytesOf } from './writing/encode-ifd.js'
import { type NewImage, planImage } from './writing/new-image.js'
import { pageFields } from './writing/page-fields.js'
import { capacityOf, checkSegmentCount, chunksOf, type SegmentOutput, segmentOutput } from './writing/segment-output.js'

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
  try {
    await writer.write(0, file.beginning)
    await writeInPieces(writer, file.endingOffset, file.ending(), signal)
  } catch (error) {
    await writer.abort()
    throw error
  }
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
  checkSegmentCount(image)
  const header = headerBytesOf(big)
  const size = header + capacityOf(image, location.store.create !== undefined)
  const writer = await createObject(location.store, '', { size, overwrite, signal })
  return segmentOutput(image, writer, header, async (places, end) => {
    const first = Math.ceil(end / 8) * 8
    const directories = function* (): Generator<Uint8Array> {
      let at = first
      for (let plane = 0; plane < planes; plane++) {
        const fields = pageFields(image, places(plane), plane === 0 ? description : undefined)
        const next = at + ifdBytesOf(fields, big)
        yield encodeIfd(fields, at, plane === planes - 1 ? 0 : next, big)
        at = next
      }
    }
    const last = await writeInPieces(writer, first, directories(), undefined)
    await writer.write(0, encodeHeader(big, first))
    return last
  })
}

/** Directories are written together up to about so many bytes: a file may have millions of them. */
const pieceBytes = 1 << 20

/** Writes parts one behind the other. Gives where they end. */
async function writeInPieces(
  writer: ObjectWriter,
  offset: number,
  parts: Iterable<Uint8Array>,
  signal: AbortSignal | undefined
): Promise<number> {
  let end = offset
  let collected: Uint8Array[] = []
  let length = 0
  const flush = async (): Promise<void> => {
    const piece = new Uint8Array(length)
    let at = 0
    for (const part of collected) {
      piece.set(part, at)
      at += part.byteLength
    }
    collected = []
    length = 0
    await writer.write(end, piece)
    end += piece.byteLength
  }
  for (const part of parts) {
    collected.push(part)
    length += part.byteLength
    if (length < pieceBytes) continue
    signal?.throwIfAborted()
    await flush()
  }
  if (length > 0) await flush()
  return end
}

interface ContiguousFile {
  readonly size: number
  readonly dataOffset: number
  /** Header and first directory. */
  readonly beginning: Uint8Array
  /** The other directories, behind the pixels. */
  readonly endingOffset: number
  ending(): Iterable<Uint8Array>
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
    // A page may have millions of strips.
    const offsets = new Float64Array(strips)
    const byteCounts = new Float64Array(strips)
    for (let strip = 0; strip < strips; strip++) {
      offsets[strip] = start + strip * segment.length * rowBytes
      byteCounts[strip] = Math.min(segment.length, length - strip * segment.length) * rowBytes
    }
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
  const ending = function* (): Generator<Uint8Array> {
    for (let plane = 1; plane < planes; plane++) {
      const at = table + (plane - 1) * other
      yield encodeIfd(fieldsAt(plane, dataOffset), at, plane === planes - 1 ? 0 : at + other, big)
    }
  }
  const size = planes > 1 ? table + (planes - 1) * other : dataOffset + length * rowBytes
  return { size, dataOffset, beginning, endingOffset: table, ending }
}
