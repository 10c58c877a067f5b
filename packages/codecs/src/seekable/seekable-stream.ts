import { isSourceError, SourceError, type Store, type StoreGetOptions } from '@bioimage/core'
import { ChunkCache } from '@bioimage/core/backend'
import { corrupt } from '../codec-errors.js'
import { type Kernel, loadKernel } from '../kernel/kernel.js'
import type { SeekableStream, SeekableStreamOptions } from '../seekable-stream.js'
import { beginningOf, type InflateOptions, type InflateStep, inflateFrom, type StreamPlace } from './inflate-from.js'
import { type StreamFormat, streamFormats } from './stream-format.js'
import { type Checkpoint, decodeIndex, encodeIndex, type StreamIndex } from './stream-index.js'
import { readPart, StreamInput, type StreamLocation } from './stream-input.js'

const defaultSpan = 1 << 20
/** Less for the first piece, which is all that a look at a header needs. */
const firstSpan = 64 << 10
/** Each takes 32 KiB. */
const maximalCheckpoints = 1024
const defaultCacheBytes = 16 << 20
/**
 * Bytes read behind a known segment: the decoder may take a symbol or a block's header more than on its first pass before it sees that
 * it has all.
 */
const tailBytes = 2048

/** See `seekableStream`. */
export async function openSeekableStream(store: Store, options: SeekableStreamOptions): Promise<SeekableStream> {
  const { key = '', offset = 0, length, span = defaultSpan, cache, keepIndex = false, signal } = options
  const location: StreamLocation = { store, key, offset, length }
  const format = streamFormats[options.format]
  const shelf = keepIndex && cache !== false && cache !== undefined ? await indexShelf(location, format, cache) : undefined
  const stored = options.index ?? (await shelf?.take(signal))
  const index =
    stored === undefined
      ? { checkpoints: [{ place: beginningOf(format), segmentChecksum: undefined }], span }
      : await decodeIndex(stored, format, length)
  return new Stream(location, format, index, { cache, shelf, wanted: options.decompressedLength ?? Number.POSITIVE_INFINITY })
}

/** Where the index of a stream outlives it. */
interface IndexShelf {
  take(signal: AbortSignal | undefined): Promise<Uint8Array | undefined>
  put(index: Uint8Array): Promise<void>
}

async function indexShelf(location: StreamLocation, format: StreamFormat, cache: ChunkCache): Promise<IndexShelf> {
  const { store, key, offset, length } = location
  const name = [store.identity, key, offset, length, `${format.id} index`].join('\n')
  // An object that was replaced has another revision, and its old index is not taken.
  const revision = await store.revision?.(key)
  return {
    take: (signal) => cache.fetch(name, signal, async () => undefined, revision),
    put: async (index) => {
      cache.invalidate(name)
      await cache.fetch(name, undefined, async () => index, revision)
    }
  }
}

/** How a stream is used. */
interface StreamUse {
  readonly cache: ChunkCache | false | undefined
  readonly shelf: IndexShelf | undefined
  /** Decompressed bytes that are wanted. */
  readonly wanted: number
}

let counter = 0

class Stream implements SeekableStream {
  readonly identity: string
  readonly path: string | undefined
  readonly remote = false
  readonly #location: StreamLocation
  readonly #format: StreamFormat
  readonly #input: StreamInput
  readonly #cache: ChunkCache
  readonly #shelf: IndexShelf | undefined
  readonly #wanted: number
  #span: number
  /** In order; the last one is where the pass over the stream stands. */
  #checkpoints: Checkpoint[]
  /** The damage that the pass met. What it gave before had no checksum of the stream behind it: nothing is given any more. */
  #damage: SourceError | undefined

  constructor(location: StreamLocation, format: StreamFormat, index: StreamIndex, { cache, shelf, wanted }: StreamUse) {
    // Its own in each opening: what another has decompressed says nothing of where this one's pass stands.
    this.identity = [location.store.identity, location.key, location.offset, `${format.id} ${counter++}`].join('\n')
    this.path = location.store.path
    this.#location = location
    this.#format = format
    this.#input = new StreamInput(location)
    this.#cache = cache === false ? new ChunkCache(0) : (cache ?? new ChunkCache(defaultCacheBytes))
    this.#shelf = shelf
    this.#wanted = wanted
    this.#span = index.span
    this.#checkpoints = index.checkpoints
  }

  get isIndexed(): boolean {
    return this.#frontier.place.state === 'end'
  }

  get #frontier(): Checkpoint {
    const last = this.#checkpoints.at(-1)
    if (last === undefined) throw new TypeError('a stream has at least one checkpoint')
    return last
  }

  async get(key: string, options: StoreGetOptions = {}): Promise<Uint8Array | undefined> {
    const { range, signal, scratch } = options
    if (key !== '') return undefined
    let offset = 0
    let end = Number.POSITIVE_INFINITY
    if (range !== undefined && 'suffixLength' in range) offset = Math.max(0, (await this.#length(signal)) - range.suffixLength)
    else if (range !== undefined) {
      offset = range.offset
      end = offset + range.length
    }
    if (end === Number.POSITIVE_INFINITY) end = await this.#length(signal)
    end = Math.max(offset, Math.min(end, this.#wanted))
    const target =
      scratch !== undefined && scratch.byteLength >= end - offset ? scratch.subarray(0, end - offset) : createBytes(end - offset)
    let filled = 0
    for (let position = offset; position < end; ) {
      const segment = await this.#segmentAt(position, signal)
      if (segment === undefined) break
      const part = segment.bytes.subarray(position - segment.start, end - segment.start)
      target.set(part, filled)
      filled += part.byteLength
      position += part.byteLength
      // Another read may have met it meanwhile.
      this.#refuseDamage()
    }
    // The trailer behind the last byte is checked with it.
    const { output } = this.#frontier.place
    const isPassed = output === end || (output > end && end === this.#wanted)
    if (filled > 0 && filled === end - offset && isPassed) await this.#segmentAt(output, signal)
    this.#refuseDamage()
    return target.subarray(0, filled)
  }

  async size(key: string, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<number | undefined> {
    return key === '' ? this.#length(options.signal) : undefined
  }

  async close(): Promise<void> {
    this.#cache.invalidateAll(`${this.identity}\n`)
    if (this.#shelf !== undefined && this.isIndexed) await this.#shelf.put(await this.exportIndex())
  }

  async exportIndex(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<Uint8Array> {
    await this.#length(options.signal)
    return encodeIndex({ checkpoints: this.#checkpoints, span: this.#span }, this.#format, this.#location.length)
  }

  /** All decompressed bytes, known after a pass over what is left of the stream. */
  async #length(signal: AbortSignal | undefined): Promise<number> {
    while (!this.isIndexed) await this.#segmentAt(this.#frontier.place.output, signal)
    return Math.min(this.#frontier.place.output, this.#wanted)
  }

  /** The segment that holds a decompressed byte; `undefined` behind the end. */
  async #segmentAt(position: number, signal: AbortSignal | undefined): Promise<{ start: number; bytes: Uint8Array } | undefined> {
    for (;;) {
      this.#refuseDamage()
      const index = Math.max(0, this.#checkpointBehind(position) - 1)
      const checkpoint = this.#checkpoints[index]
      if (checkpoint === undefined || checkpoint.place.state === 'end') return undefined
      const start = checkpoint.place.output
      const next = this.#checkpoints[index + 1]
      const name = `${this.identity}\n${start}/${this.#span}`
      const bytes = await this.#cache.fetch(name, signal, () => this.#load(checkpoint, next, signal))
      if (bytes === undefined) throw corrupt(this.#format.id, 'the stream has no such part')
      if (position < start + bytes.byteLength) return { start, bytes }
      // It ended before the position: the next one is known now.
      if (this.#frontier === checkpoint) throw corrupt(this.#format.id, 'the stream does not go on')
    }
  }

  /** Number of the first checkpoint whose output begins behind a position. */
  #checkpointBehind(position: number): number {
    let [low, high] = [0, this.#checkpoints.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#checkpoints[middle]?.place.output ?? 0) > position) high = middle
      else low = middle + 1
    }
    return low
  }

  async #load(checkpoint: Checkpoint, next: Checkpoint | undefined, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const kernel = await loadKernel()
    return next === undefined ? this.#extend(kernel, checkpoint, signal) : this.#decode(kernel, checkpoint, next, signal)
  }

  /** Decodes a segment whose end is known. */
  async #decode(kernel: Kernel, from: Checkpoint, next: Checkpoint, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const { input, output } = from.place
    const end = Math.min(next.place.input + tailBytes, this.#location.length)
    const encoded = await readPart(this.#location, input, end - input, signal)
    const stop = next.place.output - output
    const { bytes, checksum } = inflateFrom(kernel, this.#format, from.place, encoded, { isAllInput: true, stop, isExact: true })
    if (bytes.byteLength === stop && checksum === from.segmentChecksum) return bytes
    throw corrupt(this.#format.id, 'the stream is not what it was when it was indexed; open it anew, without an index made before')
  }

  /** Goes on with the pass over the stream by one segment. */
  async #extend(kernel: Kernel, from: Checkpoint, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const span = from.place.output === 0 ? Math.min(firstSpan, this.#span) : this.#span
    const wanted = Math.max(0, this.#wanted - from.place.output)
    const stop = wanted === 0 ? span : Math.min(span, wanted)
    const steps: InflateStep[] = []
    let place = from.place
    let length = 0
    let checksum = this.#format.emptyChecksum
    let needsInput = false
    do {
      const { bytes, isAll } = await this.#input.from(place.input, needsInput, signal)
      const step = this.#inflate(kernel, place, bytes, { isAllInput: isAll, stop: stop - length, wanted: wanted - length })
      steps.push(step)
      place = step.next
      length += step.bytes.byteLength
      checksum = this.#format.combine(checksum, step.checksum, step.bytes.byteLength)
      needsInput = step.needsInput
    } while (needsInput)
    const segment = joined(steps, length)
    if (this.#frontier === from) {
      this.#checkpoints[this.#checkpoints.length - 1] = { place: from.place, segmentChecksum: checksum }
      this.#checkpoints.push({ place, segmentChecksum: undefined })
      if (this.#checkpoints.length > maximalCheckpoints) this.#thinOut()
    }
    return segment
  }

  /** Decodes for the pass. Damage in what was read whole is there for good; that of a reply that is cut is not met here. */
  #inflate(kernel: Kernel, place: StreamPlace, bytes: Uint8Array, options: InflateOptions): InflateStep {
    try {
      return inflateFrom(kernel, this.#format, place, bytes, options)
    } catch (error) {
      if (isSourceError(error, 'ERR_CORRUPT_DATA')) {
        this.#damage = error
        this.#checkpoints = [{ place: beginningOf(this.#format), segmentChecksum: undefined }]
        this.#cache.invalidateAll(`${this.identity}\n`)
      }
      throw error
    }
  }

  #refuseDamage(): void {
    if (this.#damage !== undefined) throw corrupt(this.#format.id, `the stream is damaged: ${this.#damage.message}`)
  }

  /** Leaves every second checkpoint out. */
  #thinOut(): void {
    const kept: Checkpoint[] = []
    for (let at = 0; at < this.#checkpoints.length; at += 2) {
      const [first, second] = [this.#checkpoints[at], this.#checkpoints[at + 1]]
      const end = this.#checkpoints[at + 2]
      if (first === undefined) break
      if (second === undefined || end === undefined) {
        kept.push(...this.#checkpoints.slice(at))
        break
      }
      const { segmentChecksum: firstChecksum, place } = first
      const length = end.place.output - second.place.output
      const segmentChecksum =
        firstChecksum === undefined || second.segmentChecksum === undefined
          ? undefined
          : this.#format.combine(firstChecksum, second.segmentChecksum, length)
      kept.push({ place, segmentChecksum })
    }
    this.#checkpoints = kept
    this.#span *= 2
  }
}

function joined(steps: readonly InflateStep[], length: number): Uint8Array {
  const [first] = steps
  if (first !== undefined && steps.length === 1) return first.bytes
  const bytes = new Uint8Array(length)
  let filled = 0
  for (const step of steps) {
    bytes.set(step.bytes, filled)
    filled += step.bytes.byteLength
  }
  return bytes
}

function createBytes(length: number): Uint8Array {
  try {
    return new Uint8Array(length)
  } catch (cause) {
    throw new SourceError('ERR_TOO_LARGE', `cannot hold ${length} decompressed bytes at once; read a part`, { cause })
  }
}
