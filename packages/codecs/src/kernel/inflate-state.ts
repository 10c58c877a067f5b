/** Bytes that `inflateSome` may write beyond `stop`: a match of 258 behind two literals. */
export const inflateOverrun = 260

/** Where `inflateSome` stands: 32-bit integers in its workspace. Places count from `source`. */
export const inflateFields = {
  consumed: 0,
  /** Bits of the byte at `consumed` that are used. */
  bit: 4,
  /** Bytes that the last call wrote. */
  produced: 8,
  /** One of {@link inflateStates}. */
  state: 12,
  /** 1 in the last block of the stream. */
  last: 16,
  storedLeft: 20,
  /** Where the header of the last block begins that the call met; -1 for none. */
  headerStart: 24,
  headerBit: 28,
  headerEnd: 32
} as const

/** What comes next in the stream. */
export const inflateStates = { header: 0, codes: 1, stored: 2, end: 3 } as const
