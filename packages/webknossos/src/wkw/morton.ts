/**
 * Number of a block in its file: bit `k` of x, y and z becomes bit `3k`, `3k + 1` and `3k + 2`. By multiplication, since the
 * numbers of large files pass 32 bits.
 */
export function mortonIndex(z: number, y: number, x: number): number {
  let index = 0
  let place = 1
  for (let bit = 0; z >> bit > 0 || y >> bit > 0 || x >> bit > 0; bit++) {
    index += place * (((x >> bit) & 1) + 2 * ((y >> bit) & 1) + 4 * ((z >> bit) & 1))
    place *= 8
  }
  return index
}
