import { MAXIMUM_BLOCK_SIZE } from './zstd-layout'

/** The workspace of the Zstandard encoder. All offsets are in bytes from the start of the workspace. */

/** Shortest match that is ever written. */
export const MINIMUM_MATCH: u32 = 4
/** A block has no more sequences than this, since each takes at least that many bytes. */
const MAXIMUM_SEQUENCES: u32 = MAXIMUM_BLOCK_SIZE / MINIMUM_MATCH

export const ENCODE_REPEAT_OFFSETS: usize = 0 // two u32
export const ENCODE_LITERAL_COUNT: usize = 8 // u32

/** Code of each literal length 0..63 and of each match length 3..130, u8. */
export const LITERAL_LENGTH_CODES: usize = 64
export const MATCH_LENGTH_CODES: usize = LITERAL_LENGTH_CODES + 64
/** Number of extra bits of each literal length and match length code, u8. */
export const LITERAL_LENGTH_EXTRA: usize = MATCH_LENGTH_CODES + 128
export const MATCH_LENGTH_EXTRA: usize = LITERAL_LENGTH_EXTRA + 36

/** Histograms, u32 for each of up to 256 symbols; literals are counted in four of them. */
export const HISTOGRAM: usize = 384
/** Normalised counts, i16 for up to 64 symbols: those of the table being made, and the predefined ones of each kind of code. */
export const NORMALISED: usize = HISTOGRAM + 4 * 1024
export const PREDEFINED_COUNTS: usize = NORMALISED + 128
/** Symbols in table order while a table is built. */
export const ENCODE_SPREAD: usize = PREDEFINED_COUNTS + 3 * 128
/** First place of each symbol while a table is built, u16 for up to 64 symbols. */
export const CUMULATED: usize = ENCODE_SPREAD + 512

/**
 * Finite state tables for encoding, one for each kind of code (0 literal lengths, 1 offsets, 2 match lengths): accuracy log u32, then two
 * u32 for each of 64 symbols, then u16 for each of 512 states.
 */
export const ENCODE_TABLES: usize = CUMULATED + 128
export const ENCODE_TABLE_SYMBOLS: usize = 8
export const ENCODE_TABLE_STATES: usize = ENCODE_TABLE_SYMBOLS + 64 * 8
export const ENCODE_TABLE_SIZE: usize = ENCODE_TABLE_STATES + 512 * 2

/** Huffman: symbols in order of frequency (count << 8 | symbol, u64), tree nodes, code lengths u8, codes (code << 8 | length) u32. */
export const SORTED: usize = ENCODE_TABLES + 3 * ENCODE_TABLE_SIZE
export const NODE_COUNTS: usize = SORTED + 256 * 8
export const NODE_PARENTS: usize = NODE_COUNTS + 512 * 4
export const CODE_LENGTHS: usize = NODE_PARENTS + 512 * 2
export const HUFFMAN_CODES: usize = CODE_LENGTHS + 256

/** Sequences of a block: literal length, match length, offset value as u32; then their codes, u8 for each kind, 4 bytes a sequence. */
export const SEQUENCES: usize = HUFFMAN_CODES + 256 * 4
export const SEQUENCE_CODES: usize = SEQUENCES + <usize>MAXIMUM_SEQUENCES * 12
export const ENCODE_LITERALS: usize = SEQUENCE_CODES + <usize>MAXIMUM_SEQUENCES * 4
/** A block while it is written. It may grow to the size of its content and no further. */
export const BLOCK: usize = ENCODE_LITERALS + <usize>MAXIMUM_BLOCK_SIZE + 64
/** Room for what is written between two checks of the size. */
export const BLOCK_SLACK: usize = 1024
/** Tables of the match finder, whose size depends on the level. */
export const MATCH_TABLES: usize = BLOCK + <usize>MAXIMUM_BLOCK_SIZE + BLOCK_SLACK
