import { ByteWriter } from './byte-writer.js'
import { encodeDatasetHeader, encodeGroupHeader, type NewDataset, withChecksum } from './encode-header.js'

const superblockLength = 48

/** A file that holds one dataset, of which nothing is stored yet, below the groups that its path names. */
export function encodeNewFile(path: readonly string[], dataset: NewDataset): Uint8Array {
  const align = (length: number): number => Math.ceil(length / 8) * 8
  const objects: Uint8Array[] = []
  // From the root down: each group's link tells where the next object lies.
  let address = superblockLength
  for (const name of path) {
    const next = address + align(encodeGroupHeader([{ name, address: 0 }]).byteLength)
    objects.push(padded(encodeGroupHeader([{ name, address: next }]), next - address))
    address = next
  }
  objects.push(encodeDatasetHeader(dataset))
  const end = address + (objects.at(-1)?.byteLength ?? 0)
  const file = new ByteWriter().bytes(encodeSuperblock(end))
  for (const object of objects) file.bytes(object)
  return file.finish()
}

function encodeSuperblock(endOfFile: number): Uint8Array {
  return withChecksum(
    new ByteWriter()
      .u8(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a, 2, 8, 8, 0)
      .u64(0)
      .noAddress()
      .u64(endOfFile, superblockLength)
      .finish()
  )
}

function padded(bytes: Uint8Array, length: number): Uint8Array {
  const whole = new Uint8Array(length)
  whole.set(bytes)
  return whole
}
