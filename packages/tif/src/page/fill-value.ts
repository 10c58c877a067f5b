import { SourceError } from '@bioimage/core'
import { bytesOf, createData, Float16View, itemSizeOf } from '@bioimage/core/backend'
import type { ReadOptions } from '../container/block-reader.js'
import { tags } from '../container/tags.js'
import type { Page } from './page.js'

/** The element that stands for segments that are not stored: the value of GDAL's field for "no data", else 0. */
export async function fillValueOf(page: Page, options: ReadOptions): Promise<Uint8Array> {
  const { dtype } = page
  const text = page.ifd.count(tags.gdalNoData) === 0 ? undefined : (await page.ifd.text(tags.gdalNoData, options))?.trim()
  const data = createData(dtype, 1)
  const value = text === undefined || text === '' ? 0 : Number(text)
  const isFloat = dtype.startsWith('float')
  if (value !== 0 && dtype !== 'bool' && (isFloat || Number.isSafeInteger(value))) {
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[0] = BigInt(value)
    else if (data instanceof Float16View) data.setAt(0, value)
    else data[0] = value
  }
  const bytes = bytesOf(data).slice(0, itemSizeOf(dtype))
  if (bytes.byteLength === 0) throw new SourceError('ERR_UNSUPPORTED', `no fill value of dtype ${dtype}`)
  return bytes
}
