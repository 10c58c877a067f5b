import { swapBytes } from '@bioimage/core/backend'
import type { Kernel } from '../kernel/kernel.js'
import { filterRow } from './png-filters.js'

/** Pixels to encode: interleaved samples, rows from the top, of 16 bits in the machine's order. */
export interface PngPixels {
  readonly width: number
  readonly height: number
  readonly channels: 1 | 2 | 3 | 4
  readonly bitsPerSample: 8 | 16
  readonly samples: Uint8Array
}

const colorTypes = { 1: 0, 2: 4, 3: 2, 4: 6 } as const
const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/** Encodes a PNG file; `compress` makes a zlib stream. */
export async function encodePng(
  kernel: Kernel,
  { width, height, channels, bitsPerSample, samples }: PngPixels,
  compress: (bytes: Uint8Array) => Promise<Uint8Array>
): Promise<Uint8Array> {
  const bytes = new Uint8Array(samples)
  if (bitsPerSample === 16 && isLittleEndian) swapBytes(bytes, 2)
  const pixelBytes = (channels * bitsPerSample) / 8
  const rowBytes = width * pixelBytes
  const rows = new Uint8Array((rowBytes + 1) * height)
  let before: Uint8Array | undefined
  for (let row = 0; row < height; row++) {
    const line = bytes.subarray(row * rowBytes, (row + 1) * rowBytes)
    filterRow(line, before, pixelBytes, rows.subarray(row * (rowBytes + 1), (row + 1) * (rowBytes + 1)))
    before = line
  }
  const header = new Uint8Array(13)
  const view = new DataView(header.buffer)
  view.setUint32(0, width)
  view.setUint32(4, height)
  header.set([bitsPerSample, colorTypes[channels]], 8)
  const compressed = await compress(rows)
  const parts = [signature, chunk(kernel, 'IHDR', header), chunk(kernel, 'IDAT', compressed), chunk(kernel, 'IEND', new Uint8Array(0))]
  const file = new Uint8Array(parts.reduce((length, part) => length + part.byteLength, 0))
  let position = 0
  for (const part of parts) {
    file.set(part, position)
    position += part.byteLength
  }
  return file
}

function chunk(kernel: Kernel, type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.byteLength + 12)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, data.byteLength)
  bytes.set(new TextEncoder().encode(type), 4)
  bytes.set(data, 8)
  const { scratch, functions } = kernel
  const mark = scratch.mark()
  const place = scratch.place(bytes.subarray(4, data.byteLength + 8))
  view.setUint32(data.byteLength + 8, functions.crc(place, data.byteLength + 4, kernel.crcTables(0xedb88320), 0) >>> 0)
  scratch.release(mark)
  return bytes
}
