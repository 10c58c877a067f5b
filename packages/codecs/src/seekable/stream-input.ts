import { SourceError, type Store } from '@bioimage/core'

/** Where a compressed stream is stored. */
export interface StreamLocation {
  readonly store: Store
  readonly key: string
  /** First byte of the stream in the object. */
  readonly offset: number
  /** Bytes of the stream. */
  readonly length: number
}

const firstPiece = 64 << 10
const largestPiece = { local: 1 << 20, remote: 4 << 20 }

/** Reads a compressed stream from front to back, one piece ahead. Pieces grow, so that a look at the beginning stays cheap. */
export class StreamInput {
  readonly #location: StreamLocation
  #start = 0
  #bytes: Uint8Array = new Uint8Array(0)
  #pieceLength = firstPiece
  #ahead: { readonly start: number; readonly bytes: Promise<Uint8Array> } | undefined

  constructor(location: StreamLocation) {
    this.#location = location
  }

  /** Bytes from `position` on: what is at hand, or the next piece; with `isMore`, more than the last time. */
  async from(position: number, isMore: boolean, signal: AbortSignal | undefined): Promise<{ bytes: Uint8Array; isAll: boolean }> {
    const { length } = this.#location
    const isHere = position >= this.#start && position < this.#start + this.#bytes.byteLength
    const rest = isHere ? this.#bytes.subarray(position - this.#start) : new Uint8Array(0)
    const end = position + rest.byteLength
    if (end >= length || (rest.byteLength > 0 && !isMore)) return { bytes: rest, isAll: end >= length }
    const piece = await this.#piece(end, signal)
    this.#bytes = rest.byteLength === 0 ? piece : joined(rest, piece)
    this.#start = position
    return { bytes: this.#bytes, isAll: end + piece.byteLength >= length }
  }

  async #piece(start: number, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const ahead = this.#ahead?.start === start ? this.#ahead.bytes : undefined
    this.#ahead = undefined
    const piece = await (ahead ?? this.#read(start, signal))
    const next = start + piece.byteLength
    this.#pieceLength = Math.min(this.#pieceLength * 4, largestPiece[this.#location.store.remote ? 'remote' : 'local'])
    if (start > 0 && next < this.#location.length) {
      this.#ahead = { start: next, bytes: this.#read(next, undefined) }
      // Whoever needs the piece sees the failure.
      this.#ahead.bytes.catch(() => {})
    }
    return piece
  }

  async #read(start: number, signal: AbortSignal | undefined): Promise<Uint8Array> {
    return readPart(this.#location, start, Math.min(this.#pieceLength, this.#location.length - start), signal)
  }
}

/** A part of a stream, whole. @throws ERR_NOT_FOUND, ERR_CORRUPT_DATA if the object is shorter than it was. */
export async function readPart(
  location: StreamLocation,
  start: number,
  length: number,
  signal: AbortSignal | undefined
): Promise<Uint8Array> {
  const { store, key, offset } = location
  const bytes = await store.get(key, { range: { offset: offset + start, length }, signal })
  if (bytes === undefined) throw new SourceError('ERR_NOT_FOUND', `${store.path ?? 'the file'} does not exist`, { path: store.path })
  if (bytes.byteLength !== length) {
    throw new SourceError(
      'ERR_CORRUPT_DATA',
      `${store.path ?? 'the file'} ends early: ${length} bytes expected at byte ${offset + start}, found ${bytes.byteLength}; it was cut since it was opened`,
      { path: store.path }
    )
  }
  return bytes
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.byteLength + second.byteLength)
  both.set(first)
  both.set(second, first.byteLength)
  return both
}
