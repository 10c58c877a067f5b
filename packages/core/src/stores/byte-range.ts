import { SourceError } from '../errors.js'
import type { ByteRange } from './store.js'

/** The offset and length of a range in an object of that size, cut at its end. */
export function resolveRange(range: ByteRange | undefined, size: number): { offset: number; length: number } {
  if (range === undefined) return { offset: 0, length: size }
  if ('suffixLength' in range) {
    const length = Math.min(range.suffixLength, size)
    return { offset: size - length, length }
  }
  const offset = Math.min(range.offset, size)
  return { offset, length: Math.min(range.length, size - offset) }
}

/** @throws ERR_TOO_LARGE if a whole object is longer than the caller has use for. */
export function checkLength(name: string, length: number, maxBytes: number | undefined): void {
  if (maxBytes !== undefined && length > maxBytes) {
    throw new SourceError('ERR_TOO_LARGE', `${name} has ${length} bytes, at most ${maxBytes} were expected`, { path: name })
  }
}

/** @throws ERR_CORRUPT_DATA if an object does not have the size it must have. */
export function checkSize(name: string, size: number, expected: number | undefined): void {
  if (expected !== undefined && size !== expected) {
    throw new SourceError('ERR_CORRUPT_DATA', `${name} has ${size} bytes, expected exactly ${expected}`, { path: name })
  }
}
