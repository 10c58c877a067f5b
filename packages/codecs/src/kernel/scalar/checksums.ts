/** Adler-32; see `assembly/checksums.ts`. */
export function adler32(memory: Uint8Array, source: number, length: number): number {
  let a = 1
  let b = 0
  for (let index = source; index < source + length; index++) {
    a = (a + memory[index]!) % 65521
    b = (b + a) % 65521
  }
  return (b << 16) | a
}

/** Fletcher-32 of HDF5; see `assembly/checksums.ts`. */
export function fletcher32(memory: Uint8Array, source: number, length: number): number {
  let a = 0
  let b = 0
  // Sums of 16-bit words with end-around carry: modulo 65535, but zero stays distinct from 65535.
  const fold = (value: number): number => (value > 65535 ? value - 65535 : value)
  for (let index = 0; index < length; index += 2) {
    const low = index + 1 < length ? memory[source + index + 1]! : 0
    a = fold(a + ((memory[source + index]! << 8) | low))
    b = fold(b + a)
  }
  return (b << 16) | a
}
