import { corrupt } from '../codec-errors.js'

/**
 * Undoes the filter of a row, in place (PNG, 9.2).
 *
 * @param before The row above as it was before its filter; absent for the first.
 * @param pixelBytes Bytes of a whole pixel, at least 1.
 */
export function unfilter(filter: number, line: Uint8Array, before: Uint8Array | undefined, pixelBytes: number): void {
  const { length } = line
  switch (filter) {
    case 0:
      return
    case 1:
      for (let at = pixelBytes; at < length; at++) line[at] = (line[at] ?? 0) + (line[at - pixelBytes] ?? 0)
      return
    case 2:
      if (before !== undefined) for (let at = 0; at < length; at++) line[at] = (line[at] ?? 0) + (before[at] ?? 0)
      return
    case 3:
      for (let at = 0; at < length; at++) {
        const left = at < pixelBytes ? 0 : (line[at - pixelBytes] ?? 0)
        line[at] = (line[at] ?? 0) + ((left + (before?.[at] ?? 0)) >> 1)
      }
      return
    case 4:
      unfilterPaeth(line, before, pixelBytes)
      return
    default:
      throw corrupt('png', `a row has the filter ${filter}, expected 0 to 4`)
  }
}

function unfilterPaeth(line: Uint8Array, before: Uint8Array | undefined, pixelBytes: number): void {
  if (before === undefined) {
    unfilter(1, line, undefined, pixelBytes)
    return
  }
  for (let at = 0; at < Math.min(pixelBytes, line.length); at++) line[at] = (line[at] ?? 0) + (before[at] ?? 0)
  for (let at = pixelBytes; at < line.length; at++) {
    line[at] = (line[at] ?? 0) + paeth(line[at - pixelBytes] ?? 0, before[at] ?? 0, before[at - pixelBytes] ?? 0)
  }
}

/** Whichever of left, above and above-left is nearest to left + above - above-left. */
function paeth(left: number, above: number, corner: number): number {
  const toLeft = Math.abs(above - corner)
  const toAbove = Math.abs(left - corner)
  const toCorner = Math.abs(left + above - 2 * corner)
  if (toLeft <= toAbove && toLeft <= toCorner) return left
  return toAbove <= toCorner ? above : corner
}

/** Puts a row into `output` under the filter that leaves the smallest numbers, of none, the one by the left and the one by above. */
export function filterRow(line: Uint8Array, before: Uint8Array | undefined, pixelBytes: number, output: Uint8Array): void {
  let [none, sub, up] = [0, 0, 0]
  for (let at = 0; at < line.length; at++) {
    const value = line[at] ?? 0
    none += distance(value)
    sub += distance(value - (at < pixelBytes ? 0 : (line[at - pixelBytes] ?? 0)))
    up += distance(value - (before?.[at] ?? 0))
  }
  const filter = none <= sub && none <= up ? 0 : sub <= up ? 1 : 2
  output[0] = filter
  for (let at = 0; at < line.length; at++) {
    const value = line[at] ?? 0
    const predicted = filter === 0 ? 0 : filter === 1 ? (at < pixelBytes ? 0 : (line[at - pixelBytes] ?? 0)) : (before?.[at] ?? 0)
    output[at + 1] = value - predicted
  }
}

/** How far a byte is from 0, as a signed one. */
function distance(value: number): number {
  const byte = value & 255
  return byte < 128 ? byte : 256 - byte
}
