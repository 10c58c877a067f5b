const P1: u32 = 2654435761
const P2: u32 = 2246822519
const P3: u32 = 3266489917
const P4: u32 = 668265263
const P5: u32 = 374761393

@inline
function round(lane: u32, word: u32): u32 {
  return rotl<u32>(lane + word * P2, 13) * P1
}

/** xxHash32, the checksum of the LZ4 frame format and of LZ4Block. */
export function xxhash32(source: usize, length: usize, seed: u32): u32 {
  let input = source
  const end = source + length
  let value: u32
  if (length >= 16) {
    let a = seed + P1 + P2
    let b = seed + P2
    let c = seed
    let d = seed - P1
    do {
      a = round(a, load<u32>(input))
      b = round(b, load<u32>(input, 4))
      c = round(c, load<u32>(input, 8))
      d = round(d, load<u32>(input, 12))
      input += 16
    } while (end - input >= 16)
    value = rotl<u32>(a, 1) + rotl<u32>(b, 7) + rotl<u32>(c, 12) + rotl<u32>(d, 18)
  } else {
    value = seed + P5
  }
  value += length as u32
  while (end - input >= 4) {
    value = rotl<u32>(value + load<u32>(input) * P3, 17) * P4
    input += 4
  }
  while (input < end) value = rotl<u32>(value + (load<u8>(input++) as u32) * P5, 11) * P1
  value = (value ^ (value >>> 15)) * P2
  value = (value ^ (value >>> 13)) * P3
  return value ^ (value >>> 16)
}
