import type { AccessOptions, RegionAccess } from '../define-source.js'
import { bytesOf, componentSizeOf, type DType, itemSizeOf } from '../dtype.js'
import { conflict, isAbort, SourceError } from '../errors.js'
import type { Region } from '../indexing.js'
import type { NdArray } from '../nd-array.js'
import { isWhollyNew, NewPages } from '../new-pages.js'
import { againIfReplaced } from '../stores/change-object.js'
import { RevisionWatch } from '../stores/revision-watch.js'
import type { Store } from '../stores/store.js'
import { readStrided, type StridedRead } from './read-strided.js'
import type { LinearScaling, ScaledDType } from './scale-strided.js'

/** An object that holds consecutive planes of a strided array. */
export interface StridedPart {
  readonly key: string
  /** Byte at which element 0 of the part lies. */
  readonly offset: number
}

/** An array whose elements lie at computable byte offsets. */
export interface StridedLayout<D extends DType = DType> {
  readonly shape: readonly number[]
  /** Type of the elements that reads give. */
  readonly dtype: D
  readonly byteOrder: 'little' | 'big'
  /** Bytes between neighbours along each axis; negative for an axis that is stored in reverse. */
  readonly strides: readonly number[]
  /**
   * Where the elements lie. One part holds the whole array. Several parts hold `partLength` positions of axis 0 each, in
   * order, as the pages of a TIFF or the files of a stack do.
   */
  readonly parts: readonly StridedPart[]
  /** Positions of axis 0 per part. Defaults to all. */
  readonly partLength?: number | undefined
  /** The stored values, where reads give them scaled: `dtype` is then that of floats. Reading only. */
  readonly scaling?: LinearScaling | undefined
}

/**
 * The strided engine: reads regions of such an array from a store. All that one read gives of one remote object is of one moment: where
 * it is replaced meanwhile, it is read again.
 */
export function stridedAccess<D extends DType>(
  store: Store,
  layout: StridedLayout<D>,
  concurrency: number = store.remote ? 32 : 8
): RegionAccess<D> {
  const storedDType = layout.scaling?.storedDType ?? layout.dtype
  const itemSize = itemSizeOf(storedDType)
  const outItemSize = itemSizeOf(layout.dtype)
  const swapSize = layout.byteOrder === 'big' ? componentSizeOf(storedDType) : 1
  const scaling = layout.scaling === undefined ? undefined : { ...layout.scaling, dtype: scaledDTypeOf(layout.dtype) }
  // Local files are watched by nobody: programs that record append to them while others read.
  const isWatched = store.remote && layout.parts.every(({ key }) => key === layout.parts[0]?.key)
  const read = async (region: Region, out: NdArray<D>, options: AccessOptions): Promise<void> => {
    const destination = bytesOf(out.data)
    const sourceStrides = layout.strides.map((stride, axis) => stride * (region.step[axis] ?? 1))
    const destinationStrides = out.stride.map((stride) => stride * outItemSize)
    // What is not scaled is read straight into place, by threads that make its pages.
    const pages = scaling !== undefined && isWhollyNew(out, options) ? NewPages.of(destination) : undefined
    function* reads(watch: RevisionWatch): Generator<StridedRead> {
      for (const piece of pieces(layout, region)) {
        yield {
          store,
          key: piece.part.key,
          ...(isWatched && { onRevision: (revision: string | undefined) => watch.see(revision) }),
          shape: region.shape.map((length, axis) => (axis === 0 ? piece.length : length)),
          itemSize,
          swapSize,
          sourceOffset: piece.start.reduce((sum, start, axis) => sum + start * (layout.strides[axis] ?? 0), piece.part.offset),
          sourceStrides,
          destination,
          destinationOffset: ((out.offset ?? 0) + piece.outStart * (out.stride[0] ?? 0)) * outItemSize,
          destinationStrides,
          scaling,
          pages
        }
      }
    }
    try {
      await againIfReplaced(options.signal, async () => {
        const watch = new RevisionWatch()
        try {
          await readStrided(reads(watch), { concurrency, signal: options.signal })
        } catch (error) {
          if (isAbort(error, options.signal) || !watch.changed) throw error
        }
        if (watch.changed) throw conflict(store.path ?? 'the object')
      })
    } finally {
      await pages?.stop()
    }
  }
  return { read }
}

function scaledDTypeOf(dtype: DType): ScaledDType {
  if (dtype === 'float32' || dtype === 'float64' || dtype === 'complex64' || dtype === 'complex128') return dtype
  throw new SourceError('ERR_INVALID_ARGUMENT', `scaled values are floats or complex numbers, found ${dtype}`)
}

interface Piece {
  readonly part: StridedPart
  /** First position in the part. */
  readonly start: readonly number[]
  /** Positions of axis 0. */
  readonly length: number
  /** Position along axis 0 of the result. */
  readonly outStart: number
}

/** Cuts a region along axis 0 at the borders of the parts. */
function* pieces(layout: StridedLayout, region: Region): Generator<Piece> {
  const [first, ...others] = layout.parts
  if (first === undefined) throw new SourceError('ERR_INVALID_ARGUMENT', 'a strided layout has at least one part')
  const partLength = layout.partLength ?? layout.shape[0] ?? 1
  const [start = 0] = region.start
  const [length = 1] = region.shape
  const [step = 1] = region.step
  if (others.length === 0) {
    yield { part: first, start: region.start, length, outStart: 0 }
    return
  }
  let taken = 0
  while (taken < length) {
    const position = start + taken * step
    const index = Math.floor(position / partLength)
    const part = layout.parts[index]
    if (part === undefined)
      throw new SourceError('ERR_INVALID_ARGUMENT', `a strided layout of ${layout.parts.length} parts has none for position ${position}`)
    const inPart = position - index * partLength
    const count = Math.min(length - taken, Math.ceil((partLength - inPart) / step))
    yield { part, start: [inPart, ...region.start.slice(1)], length: count, outStart: taken }
    taken += count
  }
}
