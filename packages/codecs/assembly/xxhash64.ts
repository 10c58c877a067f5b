const PRIME_1: u64 = 0x9e3779b185ebca87
const PRIME_2: u64 = 0xc2b2ae3d27d4eb4f
const PRIME_3: u64 = 0x165667b19e3779f9
const PRIME_4: u64 = 0x85ebca77c2b2ae63
const PRIME_5: u64 = 0x27d4eb2f165667c5

// @ts-ignore: decorator
@inline
function mixLane(accumulator: u64, lane: u64): u64 {
  return rotl<u64>(accumulator + lane * PRIME_2, 31) * PRIME_1
}

// @ts-ignore: decorator
@inline
function merge(hash: u64, accumulator: u64): u64 {
  return (hash ^ mixLane(0, accumulator)) * PRIME_1 + PRIME_4
}

/** XXH64 of `length` bytes at `source` (specification: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md). */
export function xxhash64(source: usize, length: usize, seed: u64): u64 {
  let hash: u64
  let position = source
  const end = source + length
  if (length >= 32) {
    let first = seed + PRIME_1 + PRIME_2
    let second = seed + PRIME_2
    let third = seed
    let fourth = seed - PRIME_1
    while (end - position >= 32) {
      first = mixLane(first, load<u64>(position))
      second = mixLane(second, load<u64>(position, 8))
      third = mixLane(third, load<u64>(position, 16))
      fourth = mixLane(fourth, load<u64>(position, 24))
      position += 32
    }
    hash = rotl<u64>(first, 1) + rotl<u64>(second, 7) + rotl<u64>(third, 12) + rotl<u64>(fourth, 18)
    hash = merge(hash, first)
    hash = merge(hash, second)
    hash = merge(hash, third)
    hash = merge(hash, fourth)
  } else {
    hash = seed + PRIME_5
  }
  hash += <u64>length
  while (end - position >= 8) {
    hash = rotl<u64>(hash ^ mixLane(0, load<u64>(position)), 27) * PRIME_1 + PRIME_4
    position += 8
  }
  if (end - position >= 4) {
    hash = rotl<u64>(hash ^ (<u64>load<u32>(position) * PRIME_1), 23) * PRIME_2 + PRIME_3
    position += 4
  }
  while (position < end) {
    hash = rotl<u64>(hash ^ (<u64>load<u8>(position) * PRIME_5), 11) * PRIME_1
    position += 1
  }
  hash = (hash ^ (hash >> 33)) * PRIME_2
  hash = (hash ^ (hash >> 29)) * PRIME_3
  return hash ^ (hash >> 32)
}
