import type { CodecSpec } from '@bioimage/core'
import { corrupt, invalid, unsupported } from '../codec-errors.js'
import { integerOption } from '../codec-options.js'
import type { CodecStep, StepContext } from '../codec-step.js'
import { Payload } from '../payload.js'

/**
 * Unsigned integers of `bits` bits each, the highest first, one behind the other; every row of `rowLength` begins with a new byte.
 * They become elements of 1, 2 or 4 bytes in little-endian order. For reading.
 */
export function createPackedIntegers(spec: CodecSpec, context: StepContext): CodecStep {
  const bits = integerOption(spec, 'bits', { min: 1, max: 32 })
  const rowLength = integerOption(spec, 'rowLength', { min: 1, max: 2 ** 31 })
  const itemSize = integerOption(spec, 'itemSize', { min: 1, max: 4 }, context.itemSize)
  if (itemSize === 3 || bits > itemSize * 8) throw invalid('packed_integers', `${bits} bits do not fit into ${itemSize} bytes`)
  const rowBytes = Math.ceil((rowLength * bits) / 8)
  return {
    encodedLength: ({ max, exact }) => ({ max: Math.ceil(max / (rowLength * itemSize)) * rowBytes, exact }),
    decode: (encoded) => {
      const rows = Math.floor(encoded.byteLength / rowBytes)
      if (encoded.byteLength % rowBytes !== 0) throw corrupt('packed_integers', `${encoded.byteLength} bytes, expected rows of ${rowBytes}`)
      const values = new Uint8Array(rows * rowLength * itemSize)
      const bytes = encoded.view()
      for (let row = 0; row < rows; row++) {
        unpackRow(bytes, row * rowBytes, bits, values, row * rowLength * itemSize, rowLength, itemSize)
      }
      return Payload.of(values)
    },
    encode: () => {
      throw unsupported('packed_integers', 'encoding is not implemented')
    }
  }
}

function unpackRow(bytes: Uint8Array, from: number, bits: number, values: Uint8Array, to: number, count: number, itemSize: number): void {
  let at = from
  // A double, since up to 39 bits wait.
  let waiting = 0
  let waitingBits = 0
  for (let index = 0, place = to; index < count; index++, place += itemSize) {
    while (waitingBits < bits) {
      waiting = waiting * 256 + bytes[at++]!
      waitingBits += 8
    }
    waitingBits -= bits
    const divisor = 2 ** waitingBits
    const value = Math.floor(waiting / divisor)
    waiting -= value * divisor
    for (let byte = 0; byte < itemSize; byte++) values[place + byte] = (value >>> (8 * byte)) & 255
  }
}
