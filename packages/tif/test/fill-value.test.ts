import { memoryStore, openSource } from '@bioimage/core'
import '@bioimage/tif'
import { expect, it } from 'vitest'
import { ascii, long, makeTiff, short } from './make-tiff.js'

const formats = { uint: 1, int: 2, float: 3 }
const lowest = '-9223372036854775808'

it.each([
  ['uint', 8, '7', 7],
  ['uint', 8, '255', 255],
  ['uint', 8, '256', 0],
  ['uint', 8, '-9999', 0],
  ['uint', 16, '1.5', 0],
  ['int', 16, '-9999', -9999],
  ['int', 16, '-32769', 0],
  ['uint', 32, '4294967296', 0],
  ['int', 64, lowest, BigInt(lowest)],
  ['int', 64, '9223372036854775808', 0n],
  ['uint', 64, '-1', 0n],
  ['float', 32, '-9999.5', -9999.5],
  ['float', 32, '1e39', 0],
  ['float', 32, 'nan', Number.NaN],
  ['float', 64, '-inf', Number.NEGATIVE_INFINITY],
  ['float', 16, '-9999', -10_000],
  ['float', 64, 'none', 0]
] as const)('%s%d without pixels and with GDAL_NODATA %s reads as %s', async (format, bits, text, value) => {
  const fields = [short(258, bits), short(339, formats[format]), ascii(42113, text), long(273, 0), long(279, 0)]
  const bytes = makeTiff([{ width: 2, length: 2, data: new Uint8Array(0), fields }])
  const source = await openSource(memoryStore([['', bytes]]), { format: 'tif' })
  expect(source.dtype).toBe(`${format}${bits}`)
  expect(await source.get([1, 0])).toBe(value)
})
