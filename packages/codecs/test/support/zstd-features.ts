/**
 * Names the kinds of blocks, literals and tables in a Zstandard stream, from the headers alone (RFC 8878 section 3.1.1), so that tests can
 * tell what their streams cover. Expects a correct stream.
 */
export function zstdFeatures(stream: Uint8Array): Set<string> {
  const features = new Set<string>()
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength)
  let position = 0
  while (position < stream.length) {
    const magic = view.getUint32(position, true)
    if (magic !== 0xfd2fb528) {
      position += 8 + view.getUint32(position + 4, true)
      continue
    }
    const descriptor = view.getUint8(position + 4)
    const single = (descriptor >> 5) & 1
    const sizeFlag = descriptor >> 6
    position += 6 - single + [0, 1, 2, 4][descriptor & 3]! + (sizeFlag === 0 ? single : 1 << sizeFlag)
    for (let last = false; !last; ) {
      const header = view.getUint16(position, true) | (view.getUint8(position + 2) << 16)
      position += 3
      last = (header & 1) !== 0
      const kind = (header >> 1) & 3
      features.add(`block ${['raw', 'rle', 'compressed'][kind]}`)
      const length = kind === 1 ? 1 : header >> 3
      if (kind === 2) blockFeatures(stream.subarray(position, position + length), features)
      position += length
    }
    if ((descriptor & 4) !== 0) position += 4
  }
  return features
}

function blockFeatures(block: Uint8Array, features: Set<string>): void {
  const byte = (index: number): number => block[index] ?? 0
  const kind = byte(0) & 3
  const format = (byte(0) >> 2) & 3
  const fields = byte(0) | (byte(1) << 8) | (byte(2) << 16)
  let position: number
  if (kind < 2) {
    const count = format === 1 ? (fields & 0xffff) >> 4 : format === 3 ? fields >> 4 : byte(0) >> 3
    features.add(`literals ${['raw', 'rle'][kind]}`)
    position = (format === 1 ? 2 : format === 3 ? 3 : 1) + (kind === 0 ? count : 1)
  } else {
    const header = format < 2 ? 3 : format + 2
    const bits = [10, 10, 14, 18][format]!
    const compressed = Math.floor((fields + byte(3) * 2 ** 24 + byte(4) * 2 ** 32) / 2 ** (4 + bits)) % 2 ** bits
    features.add(`literals ${format === 0 ? 'one stream' : 'four streams'}`)
    if (kind === 3) features.add('literals treeless')
    else features.add(`weights ${byte(header) >= 128 ? 'direct' : 'coded'}`)
    position = header + compressed
  }
  const count = byte(position)
  if (count === 0) {
    features.add('no sequences')
    return
  }
  const modes = byte(position + (count < 128 ? 1 : count < 255 ? 2 : 3))
  const names = ['predefined', 'rle', 'described', 'repeated']
  features.add(`literal lengths ${names[modes >> 6]}`)
  features.add(`offsets ${names[(modes >> 4) & 3]}`)
  features.add(`match lengths ${names[(modes >> 2) & 3]}`)
}
