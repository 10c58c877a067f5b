import type { LittleEndianReader } from './little-endian-reader.js'

/** Reads keys and values up to an empty key ("Version 4" of the stack footer). */
export function readTags(reader: LittleEndianReader): Record<string, string> {
  const tags: [string, string][] = []
  for (;;) {
    const keyLength = reader.uint32()
    if (keyLength === 0) return Object.fromEntries(tags)
    const key = reader.text(keyLength)
    tags.push([key, reader.text(reader.uint32())])
  }
}
