const p1 = 2654435761
const p2 = 2246822519
const p3 = 3266489917
const p4 = 668265263
const p5 = 374761393

/** xxHash32; see `assembly/xxhash32.ts`. */
export function xxhash32(memory: Uint8Array, source: number, length: number, seed: number): number {
  const view = new DataView(memory.buffer, memory.byteOffset + source, length)
  const rotate = (value: number, count: number): number => (value << count) | (value >>> (32 - count))
  const round = (lane: number, position: number): number => Math.imul(rotate(lane + Math.imul(view.getUint32(position, true), p2), 13), p1)
  let position = 0
  let value = seed + p5
  if (length >= 16) {
    const lanes: [number, number, number, number] = [seed + p1 + p2, seed + p2, seed, seed - p1]
    for (; length - position >= 16; position += 16) {
      for (const lane of [0, 1, 2, 3] as const) lanes[lane] = round(lanes[lane] | 0, position + lane * 4)
    }
    value = rotate(lanes[0], 1) + rotate(lanes[1], 7) + rotate(lanes[2], 12) + rotate(lanes[3], 18)
  }
  value = (value + length) | 0
  for (; length - position >= 4; position += 4) {
    value = Math.imul(rotate((value + Math.imul(view.getUint32(position, true), p3)) | 0, 17), p4)
  }
  for (; position < length; position++) value = Math.imul(rotate((value + Math.imul(view.getUint8(position), p5)) | 0, 11), p1)
  value = Math.imul(value ^ (value >>> 15), p2)
  value = Math.imul(value ^ (value >>> 13), p3)
  return value ^ (value >>> 16)
}
