/** One table of 256 entries is enough here. */
export function crcTablesSize(): number {
  return 1024
}

/** Builds the table of a reflected polynomial; see `assembly/crc.ts`. */
export function crcTables(memory: Uint8Array, polynomial: number, tables: number): void {
  const table = new DataView(memory.buffer, memory.byteOffset + tables, 1024)
  for (let index = 0; index < 256; index++) {
    let value = index
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? polynomial : 0)
    table.setUint32(index * 4, value, true)
  }
}

/** Goes on from `start`, the CRC of what came before (0 at the beginning). */
export function crc(memory: Uint8Array, source: number, length: number, tables: number, start: number): number {
  const table = new Int32Array(memory.buffer, memory.byteOffset + tables, 256)
  let value = ~start
  for (let index = source; index < source + length; index++) value = (value >>> 8) ^ table[(value ^ memory[index]!) & 255]!
  return ~value
}
