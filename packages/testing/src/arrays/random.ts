/** A small generator of random numbers that gives the same sequence for the same seed everywhere. */
export interface Random {
  /** An integer from 0 up to `limit - 1`. */
  below(limit: number): number
  /** 32 random bits. */
  bits(): number
}

/** The generator of a seed (Tommy Ettinger's mulberry32: 32 bits of state, enough to choose test cases). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const bits = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  return { bits, below: (limit) => Math.floor((bits() / 2 ** 32) * limit) }
}

/** A seed that differs from run to run. */
export function freshSeed(): number {
  return Math.floor(Math.random() * 2 ** 32)
}
