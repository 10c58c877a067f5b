import { memoryStore, openSource, slice } from '@bioimage/core'
import '@bioimage/tif'
import { expect, it } from 'vitest'
import { long, makeTiff, short } from './make-tiff.js'

/** Bits as bytes, filled up with zeros. */
function bytesOfBits(bits: string): Uint8Array {
  const padded = bits.replaceAll(' ', '').padEnd(Math.ceil(bits.replaceAll(' ', '').length / 8) * 8, '0')
  return Uint8Array.from(padded.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2))
}

// ITU-T T.6: horizontal mode, 3 white, 5 black, then the rest as in the row above: white. Rows below are as the one above (V0 thrice).
const firstRow = '001 1000 0011 1'
const sameRow = '111'

it('a fax of group 4 whose last strip is short is read to its last row', async () => {
  const strips = [bytesOfBits(firstRow + sameRow.repeat(31)), bytesOfBits(firstRow)]
  const [first = new Uint8Array(), last = new Uint8Array()] = strips
  const data = Uint8Array.of(...first, ...last)
  const bytes = makeTiff([
    {
      width: 16,
      length: 33,
      data,
      fields: [
        short(258, 1),
        short(259, 4),
        short(262, 0),
        long(273, 8, 8 + first.byteLength),
        long(278, 32),
        long(279, first.byteLength, last.byteLength)
      ]
    }
  ])
  const source = await openSource(memoryStore([['', bytes]]), { format: 'tif' })
  expect([source.shape, source.dtype]).toEqual([[33, 16], 'bool'])
  for (const row of [0, 31, 32])
    expect([...(await source.get([row, slice(0, 10)])).data].map(Number)).toEqual([0, 0, 0, 1, 1, 1, 1, 1, 0, 0])
})
