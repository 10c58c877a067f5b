import { isSourceError } from '@bioimage/core'
import type { StridedLayout } from '@bioimage/core/backend'
import { itemSizeOf } from '@bioimage/core/backend'
import type { ReadOptions } from '../container/block-reader.js'
import { isRefusal } from '../container/file-set.js'
import { corrupt } from '../errors.js'
import type { Page } from '../page/page.js'
import type { Series } from '../series/series.js'
import { contiguousOffset } from './contiguous-page.js'

/** Directories nearer to each other than this are a table: reading them all takes few reads. */
const tableGap = 64 << 10
/** So few planes are looked at wherever their directories lie. */
const fewPlanes = 16

/** The elements of a series where they lie at computable places, else `undefined`. */
export async function stridedLayoutOf(series: Series, options: ReadOptions): Promise<StridedLayout | undefined> {
  const { first, shape, dtype, planes, leading } = series
  const start = await contiguousOffset(first, options)
  if (start === undefined || series.shape.includes(0)) return undefined
  const step = series.contiguous || planes === 1 ? first.byteLength : await planeStep(series, start, options)
  if (step === undefined) return undefined
  const end = start + (planes - 1) * step + first.byteLength
  if (end > first.file.size) throw corrupt(`the pixels end at byte ${end}, behind the end of the file at ${first.file.size}`)
  const strides = new Array<number>(shape.length)
  let stride = itemSizeOf(dtype)
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (axis === leading - 1) stride = step
    strides[axis] = stride
    stride *= shape[axis] ?? 1
  }
  return {
    shape,
    dtype,
    byteOrder: first.file.format.littleEndian ? 'little' : 'big',
    strides,
    parts: [{ key: first.file.key, offset: start }]
  }
}

/** Bytes from one plane to the next, if that is always the same and all are uncompressed; else `undefined`. */
async function planeStep(series: Series, start: number, options: ReadOptions): Promise<number | undefined> {
  try {
    return await equalStep(series, start, options)
  } catch (error) {
    // Planes that are damaged or in files that are refused: whoever reads them is told so, and the others are there.
    if (isRefusal(error) || isSourceError(error, 'ERR_CORRUPT_DATA')) return undefined
    throw error
  }
}

async function equalStep(series: Series, start: number, options: ReadOptions): Promise<number | undefined> {
  const { planes, first } = series
  const second = await series.page(1, options)
  if (second === undefined || !(await isWorthLooking(series, second, options))) return undefined
  const next = await startOf(second, first, options)
  if (next === undefined || next < start + first.byteLength) return undefined
  const step = next - start
  for (let plane = 2; plane < planes; plane++) {
    const page = await series.page(plane, options)
    if (page === undefined || (await startOf(page, first, options)) !== start + plane * step) return undefined
  }
  return step
}

async function isWorthLooking(series: Series, second: Page, options: ReadOptions): Promise<boolean> {
  if (series.kind === 'plain' || series.planes <= fewPlanes) return true
  const third = await series.page(2, options)
  if (third === undefined || third.file !== second.file) return false
  const stride = third.ifd.offset - second.ifd.offset
  if (Math.abs(stride) > tableGap) return false
  if (stride > 0) await third.file.prefetch(third.ifd.offset, stride * (series.planes - 2), options)
  return true
}

async function startOf(page: Page, first: Page, options: ReadOptions): Promise<number | undefined> {
  const alike = page.file === first.file && page.byteLength === first.byteLength && page.dtype === first.dtype && page.axes === first.axes
  return alike && page.width === first.width && page.samples === first.samples ? contiguousOffset(page, options) : undefined
}
