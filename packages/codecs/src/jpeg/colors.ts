import type { JpegColors } from './jpeg-header.js'

const half = 1 << 15
const fixed = (factor: number): number => Math.floor(factor * 65536 + 0.5)

/**
 * Turns a row of component samples into interleaved output: RGB of YCbCr, CMYK of YCCK, anything else as it is. The arithmetic
 * is libjpeg's, with 16 bits of fraction.
 */
export function colorRow(
  colors: JpegColors,
  rows: readonly Uint16Array[],
  width: number,
  precision: number,
  output: Uint8Array | Uint16Array,
  offset: number
): void {
  const channels = rows.length
  if (colors === 'plain') {
    for (let channel = 0; channel < channels; channel++) {
      const row = rows[channel]!
      for (let x = 0, to = offset + channel; x < width; x++, to += channels) output[to] = row[x]!
    }
    return
  }
  const [luma, blue, red, black] = rows
  if (luma === undefined || blue === undefined || red === undefined) return
  const maximum = (1 << precision) - 1
  const center = 1 << (precision - 1)
  for (let x = 0, to = offset; x < width; x++, to += channels) {
    const y = luma[x]!
    const cb = blue[x]! - center
    const cr = red[x]! - center
    const r = clamp(y + ((redOfRed * cr + half) >> 16), maximum)
    const g = clamp(y + ((greenOfBlue * cb + greenOfRed * cr + half) >> 16), maximum)
    const b = clamp(y + ((blueOfBlue * cb + half) >> 16), maximum)
    if (colors === 'ycbcr') {
      output[to] = r
      output[to + 1] = g
      output[to + 2] = b
    } else {
      output[to] = maximum - r
      output[to + 1] = maximum - g
      output[to + 2] = maximum - b
      output[to + 3] = black?.[x] ?? 0
    }
  }
}

const redOfRed = fixed(1.402)
const greenOfBlue = -fixed(0.34414)
const greenOfRed = -fixed(0.71414)
const blueOfBlue = fixed(1.772)

function clamp(value: number, maximum: number): number {
  return Math.min(Math.max(value, 0), maximum)
}
