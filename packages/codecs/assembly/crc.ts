// Reflected 32-bit CRCs, 16 bytes a step ("slicing by 16"). The tables lie where the caller wants them.

/** Bytes that `crcTables` fills. */
export function crcTablesSize(): i32 {
  return 16 * 1024
}

/** Builds the 16 tables of a reflected polynomial: 0x82f63b78 for CRC-32C, 0xedb88320 for the CRC of gzip. */
export function crcTables(polynomial: u32, tables: usize): void {
  for (let index: u32 = 0; index < 256; index++) {
    let value = index
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? polynomial : 0)
    store<u32>(tables + (index << 2), value)
  }
  for (let entry: usize = 0; entry < 15 * 1024; entry += 4) {
    const value = load<u32>(tables + entry)
    store<u32>(tables + entry + 1024, (value >>> 8) ^ load<u32>(tables + ((value & 255) << 2)))
  }
}

@inline
function lookUp(tables: usize, table: usize, value: u32): u32 {
  return load<u32>(tables + (table << 10) + ((value & 255) << 2))
}

/** Goes on from `start`, the CRC of what came before (0 at the beginning). */
export function crc(source: usize, length: usize, tables: usize, start: u32): u32 {
  let value = ~start
  let input = source
  const end = source + length
  while (end - input >= 16) {
    const a = load<u32>(input) ^ value
    const b = load<u32>(input, 4)
    const c = load<u32>(input, 8)
    const d = load<u32>(input, 12)
    value =
      lookUp(tables, 15, a) ^
      lookUp(tables, 14, a >>> 8) ^
      lookUp(tables, 13, a >>> 16) ^
      lookUp(tables, 12, a >>> 24) ^
      lookUp(tables, 11, b) ^
      lookUp(tables, 10, b >>> 8) ^
      lookUp(tables, 9, b >>> 16) ^
      lookUp(tables, 8, b >>> 24) ^
      lookUp(tables, 7, c) ^
      lookUp(tables, 6, c >>> 8) ^
      lookUp(tables, 5, c >>> 16) ^
      lookUp(tables, 4, c >>> 24) ^
      lookUp(tables, 3, d) ^
      lookUp(tables, 2, d >>> 8) ^
      lookUp(tables, 1, d >>> 16) ^
      lookUp(tables, 0, d >>> 24)
    input += 16
  }
  while (input < end) value = (value >>> 8) ^ lookUp(tables, 0, value ^ load<u8>(input++))
  return ~value
}
