import { codecRuntime } from '@bioimage/codecs'
import '@bioimage/codecs/image'
import { type CodecSpec, isAbort, type ObjectWriter, SourceError } from '@bioimage/core'
import {
  type ChunkChange,
  type ChunkLocation,
  type ChunkStorage,
  chunkedAccess,
  itemSizeOf,
  type RegionAccess,
  withLock,
  writerStore
} from '@bioimage/core/backend'
import type { NewImage } from './new-image.js'
import type { SegmentPlaces } from './page-fields.js'

/** Where a segment lies in the new file, and how many bytes may be written there. */
interface Place {
  readonly offset: number
  readonly length: number
  readonly room: number
}

/** Access to a file of segments that is being made. */
export interface SegmentOutput extends Required<RegionAccess> {
  /** Gives the file up: nothing is left of it. Does nothing after `close`. */
  discard(): Promise<void>
}

/** Strips or tiles of a page. */
export interface PageGrid {
  readonly across: number
  readonly down: number
}

export function pageGridOf({ width, length, segment }: NewImage): PageGrid {
  return { across: Math.ceil(width / segment.width), down: Math.ceil(length / segment.length) }
}

/** The chunk of the array that a strip or tile is. */
export function chunksOf({ shape, segment, samples }: NewImage): number[] {
  const leading = shape.length - (samples > 1 ? 3 : 2)
  return [...shape.slice(0, leading).map(() => 1), segment.length, segment.width, ...(samples > 1 ? [samples] : [])]
}

/** The codecs of a segment, in encoding order. */
function codecsOf({ compression, compressionLevel, predictor, dtype, segment, samples }: NewImage): readonly CodecSpec[] {
  if (compression === 'none') return []
  const itemSize = itemSizeOf(dtype)
  const predict: CodecSpec = {
    id: 'tiff_predictor',
    predictor: dtype.startsWith('float') ? 3 : 2,
    itemSize,
    rowLength: segment.width * samples,
    samples
  }
  const level = compressionLevel === undefined || compression === 'lzw' ? {} : { level: compressionLevel }
  return [...(predictor ? [predict] : []), { id: compression, ...level }]
}

/** Bytes to reserve for the segments of an image. Where files are sparse, plenty: each rewriting of a segment may take new room. */
export function capacityOf(image: NewImage, sparse: boolean): number {
  const { across, down } = pageGridOf(image)
  const { segment, samples, dtype, planes } = image
  const raw = planes * across * down * segment.width * segment.length * samples * itemSizeOf(dtype)
  return sparse ? raw * 4 + (1 << 30) : Math.ceil(raw * 1.25) + planes * across * down * 64 + (1 << 20)
}

/** Writes what comes behind the segments, whose places it gets page by page; gives the length of the file. */
export type FinishFile = (places: (plane: number) => SegmentPlaces, end: number) => Promise<number>

/**
 * Segments are encoded as they are written and stored one behind the other; the directories, which say where, come last. A segment
 * that is written again takes its old place if it fits there.
 */
export function segmentOutput(image: NewImage, writer: ObjectWriter, start: number, finish: FinishFile): SegmentOutput {
  const { shape, dtype, segment, samples } = image
  const { across, down } = pageGridOf(image)
  const store = writerStore(writer)
  const codecs = codecsOf(image)
  const places = new Map<number, Place>()
  const leading = shape.length - (samples > 1 ? 3 : 2)
  let end = start
  let failure: { readonly cause: unknown } | undefined
  let state: 'open' | 'closed' | 'discarded' = 'open'

  const indexOf = (position: readonly number[]): number => {
    const plane = shape.slice(0, leading).reduce((index, length, axis) => index * length + (position[axis] ?? 0), 0)
    return (plane * down + (position[leading] ?? 0)) * across + (position[leading + 1] ?? 0)
  }
  const put = async (index: number, bytes: Uint8Array): Promise<void> => {
    const old = places.get(index)
    const fits = old !== undefined && bytes.byteLength <= old.room
    const offset = fits ? old.offset : end
    // Words begin at even places (TIFF 6.0, section 2).
    if (!fits) end += bytes.byteLength + (bytes.byteLength & 1)
    if (end > writer.size)
      throw new SourceError(
        'ERR_TOO_LARGE',
        'segments were written again too often; write whole strips or tiles at once, or save without compression'
      )
    await writer.write(offset, bytes)
    places.set(index, { offset, length: bytes.byteLength, room: fits ? old.room : bytes.byteLength })
  }
  // Segments that were never written are zeros, stored once for all of the same number of rows.
  const fillAbsent = async (): Promise<void> => {
    const shared = new Map<number, Place>()
    for (let index = 0; index < image.planes * across * down; index++) {
      if (places.has(index)) continue
      const row = Math.floor(index / across) % down
      const rows = segment.tiled ? segment.length : Math.min(segment.length, image.length - row * segment.length)
      const known = shared.get(rows)
      if (known !== undefined) {
        places.set(index, known)
        continue
      }
      const byteLength = rows * segment.width * samples * itemSizeOf(dtype)
      const coder = await codecRuntime.coder({ codecs, byteLength, itemSize: itemSizeOf(dtype) })
      await put(index, await coder.encode(new Uint8Array(byteLength)))
      const place = places.get(index)
      if (place !== undefined) shared.set(rows, place)
    }
  }
  const placesOf = (plane: number): SegmentPlaces => {
    const own = Array.from({ length: across * down }, (_, at) => places.get(plane * across * down + at))
    return { offsets: own.map((place) => place?.offset ?? 0), byteCounts: own.map((place) => place?.length ?? 0) }
  }
  const locate = (position: readonly number[]): ChunkLocation | undefined => {
    const place = places.get(indexOf(position))
    return place === undefined ? undefined : { key: '', offset: place.offset, length: place.length }
  }
  const write = async (changes: readonly ChunkChange[]): Promise<void> => {
    for (const { position, encoded } of changes) if (encoded !== undefined) await put(indexOf(position), encoded)
  }
  const storage: ChunkStorage = {
    store,
    locate,
    unitOf: (position) => position.join('/'),
    write: (_, changes) => write(changes),
    openUnit: async () => ({ locate, write })
  }
  const chunks = chunksOf(image)
  const access = chunkedAccess(
    {
      shape,
      dtype,
      chunks,
      edgeChunks: segment.tiled ? 'whole' : 'cut',
      byteOrder: 'little',
      codecs,
      fill: new Uint8Array(itemSizeOf(dtype)),
      storage,
      identity: store.identity,
      writeEmptyChunks: true
    },
    codecRuntime,
    { cache: false }
  )
  const lock = `${store.identity}\nstate`
  const assertOpen = (): void => {
    if (state === 'discarded') throw new SourceError('ERR_CLOSED', 'the file was discarded; create it again')
  }

  return {
    read: async (region, out, options) => {
      assertOpen()
      await access.read(region, out, options)
    },
    write: async (region, value, options) => {
      assertOpen()
      try {
        await access.write?.(region, value, options)
      } catch (cause) {
        if (!isAbort(cause, options.signal)) failure = { cause }
        throw cause
      }
    },
    close: () =>
      withLock(lock, async () => {
        if (state !== 'open') return
        state = 'closed'
        try {
          if (failure !== undefined)
            throw new SourceError('ERR_IO', 'a write failed, so no file was made; create it again', { cause: failure.cause })
          await fillAbsent()
          await writer.commit(await finish(placesOf, end))
        } catch (error) {
          await writer.abort()
          throw error
        }
      }),
    discard: () =>
      withLock(lock, async () => {
        if (state !== 'open') return
        state = 'discarded'
        await writer.abort()
      })
  }
}
