// Checksums that are sums: Adler-32 (zlib) and Fletcher-32 (HDF5).

/** Adler-32 of RFC 1950. */
export function adler32(source: usize, length: usize): u32 {
  let a: u32 = 1
  let b: u32 = 0
  let input = source
  const end = source + length
  while (input < end) {
    // 5552 is the most for which the sums of 255s stay below 2^32.
    const stop = min(end, input + 5552)
    while (input < stop) {
      a += load<u8>(input++)
      b += a
    }
    a %= 65521
    b %= 65521
  }
  return (b << 16) | a
}

/** Fletcher-32 as HDF5 computes it: over 16-bit words of which the first byte is the high one; an odd byte counts as high byte. */
export function fletcher32(source: usize, length: usize): u32 {
  let a: u32 = 0
  let b: u32 = 0
  let words = length >> 1
  let input = source
  while (words > 0) {
    const stop = input + (min<usize>(words, 360) << 1)
    words -= (stop - input) >> 1
    while (input < stop) {
      a += bswap<u16>(load<u16>(input)) as u32
      b += a
      input += 2
    }
    a = (a & 0xffff) + (a >> 16)
    b = (b & 0xffff) + (b >> 16)
  }
  if ((length & 1) != 0) {
    a += (load<u8>(input) as u32) << 8
    b += a
    a = (a & 0xffff) + (a >> 16)
    b = (b & 0xffff) + (b >> 16)
  }
  a = (a & 0xffff) + (a >> 16)
  b = (b & 0xffff) + (b >> 16)
  return (b << 16) | a
}
