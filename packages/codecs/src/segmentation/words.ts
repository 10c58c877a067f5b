/** 32-bit little-endian words of a stream, copied where they do not lie on a word's boundary. The rest of a word is left out. */
export function wordsOf(bytes: Uint8Array): Uint32Array {
  const count = bytes.byteLength >>> 2
  if (isLittleEndian) {
    if (bytes.byteOffset % 4 === 0) return new Uint32Array(bytes.buffer, bytes.byteOffset, count)
    return new Uint32Array(bytes.slice(0, count * 4).buffer, 0, count)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Uint32Array.from({ length: count }, (_, index) => view.getUint32(index * 4, true))
}

/** The bytes of words in little-endian order. */
export function bytesOfWords(words: Uint32Array): Uint8Array {
  if (isLittleEndian) return new Uint8Array(words.buffer, words.byteOffset, words.byteLength)
  const view = new DataView(new ArrayBuffer(words.byteLength))
  for (const [index, word] of words.entries()) view.setUint32(index * 4, word, true)
  return new Uint8Array(view.buffer)
}

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1
