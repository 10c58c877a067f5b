import { withLock } from '../concurrency.js'
import type { AccessOptions, RegionAccess } from '../define-source.js'
import { bytesOf, type DType, itemSizeOf } from '../dtype.js'
import { isAbort, SourceError } from '../errors.js'
import type { Region } from '../indexing.js'
import type { NdArray } from '../nd-array.js'
import { writerStore } from '../stores/create-object.js'
import type { ObjectWriter } from '../stores/store.js'
import { type StridedLayout, stridedAccess } from './strided-access.js'
import { writeStrided } from './write-strided.js'

/** Options of {@link stridedOutput}. */
export interface StridedOutputOptions {
  /** Runs after the last write and before the commit: statistics, a trailer. */
  readonly finish?: ((writer: ObjectWriter) => Promise<void>) | undefined
}

/** What {@link stridedOutput} gives: the access of a writable source, whose `close` makes the file appear. */
export interface StridedOutput<D extends DType = DType> extends Required<RegionAccess<D>> {
  /** Gives the file up: nothing is left of it, and the access is closed. Does nothing after `close`. */
  discard(): Promise<void>
}

/**
 * The strided engine for a file that is being made: regions are written in any order and can be read back at once; elements
 * never written are zero. The file appears when the source is closed. After a write that failed (an abort does not count),
 * closing drops everything and rejects, so that no incomplete file is left.
 *
 * @param layout One part, little-endian, without scaling.
 */
export function stridedOutput<D extends DType>(
  writer: ObjectWriter,
  layout: StridedLayout<D>,
  options: StridedOutputOptions = {}
): StridedOutput<D> {
  const [part, ...others] = layout.parts
  if (part === undefined || others.length > 0 || layout.byteOrder !== 'little' || layout.scaling !== undefined) {
    throw new SourceError('ERR_INVALID_ARGUMENT', 'a strided output has one part, in little-endian order, without scaling')
  }
  const itemSize = itemSizeOf(layout.dtype)
  const store = writerStore(writer)
  const reading = stridedAccess(store, { ...layout, parts: [{ key: '', offset: part.offset }] })
  let failure: { readonly cause: unknown } | undefined
  let state: 'open' | 'closed' | 'discarded' = 'open'
  const assertOpen = (): void => {
    if (state === 'discarded') throw new SourceError('ERR_CLOSED', 'the file was discarded; create it again')
  }

  const read = async (region: Region, out: NdArray<D>, access: AccessOptions): Promise<void> => {
    assertOpen()
    await reading.read(region, out, access)
  }

  const write = async (region: Region, value: NdArray<D>, access: AccessOptions): Promise<void> => {
    await withLock(store.identity, async () => {
      assertOpen()
      try {
        await writeStrided({
          writer,
          shape: region.shape,
          itemSize,
          storedOffset: region.start.reduce((sum, start, axis) => sum + start * (layout.strides[axis] ?? 0), part.offset),
          storedStrides: layout.strides,
          memory: bytesOf(value.data),
          memoryOffset: (value.offset ?? 0) * itemSize,
          memoryStrides: value.stride.map((stride) => stride * itemSize),
          signal: access.signal
        })
      } catch (cause) {
        if (!isAbort(cause, access.signal)) failure = { cause }
        throw cause
      }
    })
  }

  const close = async (): Promise<void> => {
    await withLock(store.identity, async () => {
      if (state !== 'open') return
      state = 'closed'
      try {
        if (failure !== undefined) {
          throw new SourceError('ERR_IO', 'a write failed, so no file was made; create it again', { cause: failure.cause })
        }
        await options.finish?.(writer)
        await writer.commit()
      } catch (error) {
        await writer.abort()
        throw error
      }
    })
  }

  const discard = async (): Promise<void> => {
    await withLock(store.identity, async () => {
      if (state !== 'open') return
      state = 'discarded'
      await writer.abort()
    })
  }
  return { read, write, close, discard }
}
