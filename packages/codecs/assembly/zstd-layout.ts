/** Error codes and the workspace layout shared by the Zstandard decoder files. All offsets are in bytes from the start of the workspace. */

/** The bytes are not what RFC 8878 allows. */
export const ZSTD_CORRUPT: i32 = -1
/** The source ends inside a frame. */
export const ZSTD_TRUNCATED: i32 = -2
/** The decoded (or encoded) bytes do not fit into the destination. */
export const ZSTD_DESTINATION_TOO_SMALL: i32 = -3
/** The content checksum of a frame differs from that of the decoded bytes. */
export const ZSTD_CHECKSUM: i32 = -4
/** A frame needs a dictionary. */
export const ZSTD_DICTIONARY: i32 = -5

/** RFC 8878 section 3.1.1.2.4: no block decodes to more than this. */
export const MAXIMUM_BLOCK_SIZE: u32 = 131072

// Scalars that live from one block of a frame to the next.
export const STATE_REPEAT_OFFSETS: usize = 0 // three u32
export const STATE_TABLES: usize = 12 // per kind of sequence code: place u32 in the workspace (0 = none yet), accuracy log u32
export const STATE_HUFFMAN: usize = 36 // u32: HUFFMAN_NONE or HUFFMAN_READY
export const STATE_PAIRS: usize = 40 // u32: 1 when the pair table belongs to the current tree
export const STATE_LITERALS: usize = 44 // address of the literals of this block
export const STATE_LITERAL_COUNT: usize = 48
export const STATE_ACCURACY: usize = 52 // results of the last table description
export const STATE_SYMBOLS: usize = 56
export const STATE_PREDEFINED: usize = 60 // u32: bit per kind, set when the predefined table is built
export const STATE_PRODUCED: usize = 64 // bytes decoded from the last frame
export const STATE_BIT: usize = 68 // i32: index of the next bit of the stream of sequences, -1 when all are used
export const STATE_PAIRABLE: usize = 84 // u32: share of the pairs of codes that fit into a table index, of 2^22
export const STATE_ENTRIES: usize = 72 // per kind of code: address u32 of the entry of the current state

/** Byte shuffles that repeat the first 1..15 bytes of a vector: 16 bytes for each period, the index is the period. */
export const PATTERNS: usize = 96
/** Base value (u32) and number of extra bits (u32) of each sequence code. */
export const CODES_LITERAL_LENGTH: usize = PATTERNS + 16 * 16
export const CODES_OFFSET: usize = CODES_LITERAL_LENGTH + 36 * 8
export const CODES_MATCH_LENGTH: usize = CODES_OFFSET + 32 * 8

/** Decoding tables of the three kinds of code, u64 entries, at most 512 each; then the predefined ones (64, 32, 64). */
export const TABLE_LITERAL_LENGTH: usize = CODES_MATCH_LENGTH + 53 * 8
export const TABLE_OFFSET: usize = TABLE_LITERAL_LENGTH + 512 * 8
export const TABLE_MATCH_LENGTH: usize = TABLE_OFFSET + 256 * 8
export const PREDEFINED_LITERAL_LENGTH: usize = TABLE_MATCH_LENGTH + 512 * 8
export const PREDEFINED_OFFSET: usize = PREDEFINED_LITERAL_LENGTH + 64 * 8
export const PREDEFINED_MATCH_LENGTH: usize = PREDEFINED_OFFSET + 32 * 8

/** Normalised counts, i16 for up to 256 symbols. */
export const COUNTS: usize = PREDEFINED_MATCH_LENGTH + 64 * 8
/** Next state of each symbol while a table is built, u16 for up to 256 symbols. */
export const NEXT_STATES: usize = COUNTS + 512
/** Symbols in table order while a table is built, u8 for up to 512 states. */
export const SPREAD: usize = NEXT_STATES + 512
/** Huffman weights, u8 for up to 256 symbols, and symbols in order of weight. */
export const WEIGHTS: usize = SPREAD + 512
export const RANKS: usize = WEIGHTS + 256 // u32 for each weight 0..12
/** Finite state table that decodes the weights: u64 for up to 64 states. */
export const TABLE_WEIGHTS: usize = RANKS + 64
/** Huffman tables: u16 for single symbols, by the next 11 bits; u32 for pairs, by the next 12. */
export const HUFFMAN_SINGLES: usize = TABLE_WEIGHTS + 64 * 8
export const HUFFMAN_PAIRS: usize = HUFFMAN_SINGLES + 2048 * 2

/** Literals of one block, with slack for copies in 16-byte steps. */
export const LITERALS: usize = (HUFFMAN_PAIRS + 4096 * 4 + 63) & ~63
export const WORKSPACE_SIZE: usize = LITERALS + <usize>MAXIMUM_BLOCK_SIZE + 64
