import type { DType } from '@bioimage/core'
import { bytesOf, createData, Float16View, itemSizeOf } from '@bioimage/core/backend'
import type { ReadOptions } from '../container/block-reader.js'
import { tags } from '../container/tags.js'
import type { Page } from './page.js'

/**
 * The element that stands for segments that are not stored: the value of GDAL's field for "no data", else 0. A value that the dtype
 * does not have says nothing of its elements.
 */
export async function fillValueOf(page: Page, options: ReadOptions): Promise<Uint8Array> {
  const { dtype } = page
  const text = page.ifd.count(tags.gdalNoData) === 0 ? undefined : (await page.ifd.text(tags.gdalNoData, options))?.trim()
  return elementOf(dtype, text ?? '') ?? new Uint8Array(itemSizeOf(dtype))
}

function elementOf(dtype: DType, text: string): Uint8Array | undefined {
  if (dtype === 'bool' || dtype.startsWith('complex')) return undefined
  const data = createData(dtype, 1)
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    if (!/^[+-]?\d{1,20}$/.test(text)) return undefined
    const value = BigInt(text.replace('+', ''))
    data[0] = value
    if (data[0] !== value) return undefined
  } else {
    const value = numberOf(text)
    if (value === undefined) return undefined
    if (data instanceof Float16View) data.setAt(0, value)
    else data[0] = value
    const stored = data instanceof Float16View ? data.at(0) : data[0]
    const holds = dtype.startsWith('float') ? Number.isFinite(stored) === Number.isFinite(value) : stored === value
    if (!holds) return undefined
  }
  return bytesOf(data).slice()
}

function numberOf(text: string): number | undefined {
  if (text === '') return undefined
  if (/^[+-]?nan$/i.test(text)) return Number.NaN
  const [, sign, infinite] = /^([+-]?)(inf(?:inity)?)$/i.exec(text) ?? []
  if (infinite !== undefined) return sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  const value = Number(text)
  return Number.isNaN(value) ? undefined : value
}
