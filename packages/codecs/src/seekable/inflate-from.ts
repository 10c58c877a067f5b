import { isSourceError } from '@bioimage/core'
import { corrupt } from '../codec-errors.js'
import { inflateFields, inflateOverrun, inflateStates } from '../kernel/inflate-state.js'
import type { Kernel } from '../kernel/kernel.js'
import type { StreamFormat } from './stream-format.js'

/** Bytes back to which deflate data refers at most (RFC 1951). */
export const windowBytes = 32768

/** All that decoding needs to begin in the middle of a stream. */
export interface StreamPlace {
  /** What comes next. `header` is that of a block, `codes` and `stored` lie inside one. */
  readonly state: 'member' | 'header' | 'codes' | 'stored' | 'trailer' | 'padding' | 'end'
  /** Byte of the compressed stream. */
  readonly input: number
  /** Bits of it that are used. */
  readonly bit: number
  /** Decompressed bytes before this place. */
  readonly output: number
  /** Bytes left of a stored block. */
  readonly storedLeft: number
  readonly isLastBlock: boolean
  /** The header of the block, for `codes`, from the bit `blockHeaderBit` on. */
  readonly blockHeader: Uint8Array
  readonly blockHeaderBit: number
  /** The last bytes before this place that what follows may repeat. */
  readonly window: Uint8Array
  /** Of the bytes of this member so far. */
  readonly checksum: number
  readonly memberLength: number
}

const nothing = new Uint8Array(0)

/** Where a stream begins. */
export function beginningOf(format: StreamFormat): StreamPlace {
  return {
    state: 'member',
    input: 0,
    bit: 0,
    output: 0,
    storedLeft: 0,
    isLastBlock: false,
    blockHeader: nothing,
    blockHeaderBit: 0,
    window: nothing,
    checksum: format.emptyChecksum,
    memberLength: 0
  }
}

/** What one step of decoding gave. */
export interface InflateStep {
  readonly bytes: Uint8Array
  /** Checksum of these bytes alone. */
  readonly checksum: number
  /** Where to go on. */
  readonly next: StreamPlace
  /** Whether it ended for lack of input, which goes on at `next.input`. */
  readonly needsInput: boolean
}

/** Options of {@link inflateFrom}. */
export interface InflateOptions {
  /** Whether the compressed stream ends with this input. */
  readonly isAllInput: boolean
  /** Bytes to decode at least, as long as there are some; a few more may come. */
  readonly stop: number
  /** Give exactly `stop` bytes; `next` is of no use then, and the input may end behind them. */
  readonly isExact?: boolean | undefined
  /**
   * From how many bytes on nothing is wanted: that the stream is damaged or cut there is its end. A checksum that does not match is an
   * error all the same. Defaults to never.
   */
  readonly wanted?: number | undefined
}

/**
 * Decodes a part of a stream, checking every trailer that it passes.
 *
 * @param input The compressed stream from `from.input` on.
 * @throws ERR_CORRUPT_DATA
 */
export function inflateFrom(
  kernel: Kernel,
  format: StreamFormat,
  from: StreamPlace,
  input: Uint8Array,
  options: InflateOptions
): InflateStep {
  const mark = kernel.scratch.mark()
  try {
    return new Inflation(kernel, format, from, input, options).run()
  } finally {
    kernel.scratch.release(mark)
  }
}

class Inflation {
  readonly #kernel: Kernel
  readonly #format: StreamFormat
  readonly #input: Uint8Array
  readonly #options: InflateOptions
  readonly #from: StreamPlace
  readonly #workspace: number
  readonly #source: number
  /** Where the output begins; the window lies before it. */
  readonly #begin: number
  #state: StreamPlace['state']
  /** Bytes of the input that are used. */
  #position = 0
  /** Bytes decoded. */
  #length = 0
  #history: number
  #blockHeader: Uint8Array
  #blockHeaderBit: number
  #checksum: number
  #memberLength: number
  #checksumOfAll: number

  constructor(kernel: Kernel, format: StreamFormat, from: StreamPlace, input: Uint8Array, options: InflateOptions) {
    const { scratch, functions } = kernel
    this.#kernel = kernel
    this.#format = format
    this.#from = from
    this.#input = input
    this.#options = options
    this.#workspace = scratch.allocate(functions.inflateWorkspaceSize())
    this.#source = scratch.place(input)
    this.#begin = scratch.allocate(windowBytes + options.stop + inflateOverrun) + windowBytes
    const header = scratch.place(from.blockHeader)
    this.#history = this.#begin - from.window.byteLength
    scratch.bytes.set(from.window, this.#history)
    this.#state = from.state
    this.#blockHeader = from.blockHeader
    this.#blockHeaderBit = from.blockHeaderBit
    this.#checksum = from.checksum
    this.#memberLength = from.memberLength
    this.#checksumOfAll = format.emptyChecksum
    if (from.state === 'codes') {
      functions.inflateBegin(this.#workspace, from.blockHeaderBit, 0, 0)
      const status = functions.inflateSome(header, from.blockHeader.byteLength, 1, this.#begin, this.#begin, 0, 0, this.#workspace)
      if (status !== 1) throw corrupt(format.id, 'the index does not belong to this stream')
      functions.inflateSeek(this.#workspace, from.bit)
    } else {
      functions.inflateBegin(this.#workspace, from.bit, from.storedLeft, from.isLastBlock ? 1 : 0)
    }
  }

  run(): InflateStep {
    let isDone = false
    let needsInput = false
    while (!isDone && !needsInput) {
      const step = this.#stepOrEnd()
      isDone = step === 'done'
      needsInput = step === 'input'
      if (needsInput && this.#options.isAllInput) throw corrupt(this.#format.id, 'the stream ends too early')
    }
    const bytes = this.#kernel.scratch.view(this.#begin, this.#length).slice()
    return { bytes, checksum: this.#checksumOfAll, next: this.#place(), needsInput }
  }

  #stepOrEnd(): 'done' | 'input' | 'more' {
    const { wanted = Number.POSITIVE_INFINITY, isAllInput } = this.#options
    if (this.#length < wanted) return this.#step()
    const isTrailer = this.#state === 'trailer'
    try {
      const step = this.#step()
      if (step !== 'input' || !isAllInput) return step
    } catch (error) {
      if (isTrailer || !isSourceError(error, 'ERR_CORRUPT_DATA')) throw error
    }
    this.#state = 'end'
    return 'done'
  }

  #step(): 'done' | 'input' | 'more' {
    switch (this.#state) {
      case 'member':
        return this.#member()
      case 'padding':
        return this.#padding()
      case 'trailer':
        return this.#trailer()
      case 'end':
        return 'done'
      default:
        return this.#blocks()
    }
  }

  #member(): 'done' | 'input' | 'more' {
    if (this.#length >= this.#options.stop) return 'done'
    const rest = this.#input.subarray(this.#position)
    const isFirst = this.#from.input + this.#position === 0
    if (rest.byteLength === 0 && !isFirst && this.#options.isAllInput) {
      this.#state = 'end'
      return 'more'
    }
    if (rest[0] === 0 && !isFirst) {
      this.#state = 'padding'
      return 'more'
    }
    const length = rest.byteLength === 0 ? undefined : this.#format.headerLength(rest, this.#kernel, this.#source + this.#position)
    if (length === undefined) return 'input'
    this.#position += length
    this.#history = this.#begin + this.#length
    this.#checksum = this.#format.emptyChecksum
    this.#memberLength = 0
    this.#kernel.functions.inflateBegin(this.#workspace, 0, 0, 0)
    this.#state = 'header'
    return 'more'
  }

  /** Some programs fill the last block of a tape or disk with zeros. */
  #padding(): 'input' | 'more' {
    const rest = this.#input.subarray(this.#position)
    if (rest.some((byte) => byte !== 0)) throw corrupt(this.#format.id, 'there are bytes behind the end of the stream')
    this.#position += rest.byteLength
    if (!this.#options.isAllInput) return 'input'
    this.#state = 'end'
    return 'more'
  }

  #trailer(): 'input' | 'more' {
    const end = this.#position + this.#format.trailerLength
    if (end > this.#input.byteLength) return 'input'
    this.#format.checkTrailer(this.#input.subarray(this.#position, end), this.#checksum, this.#memberLength)
    this.#position = end
    this.#state = this.#format.hasMembers ? 'member' : 'end'
    return 'more'
  }

  #blocks(): 'done' | 'input' | 'more' {
    const { stop, isExact, isAllInput } = this.#options
    const { functions } = this.#kernel
    const left = stop - this.#length
    const place = this.#begin + this.#length
    const status = functions.inflateSome(
      this.#source + this.#position,
      this.#input.byteLength - this.#position,
      isAllInput ? 1 : 0,
      this.#history,
      place,
      left + inflateOverrun,
      left,
      this.#workspace
    )
    if (status === -2) throw corrupt(this.#format.id, 'the deflate data ends too early')
    if (status < 0) throw corrupt(this.#format.id, 'the deflate data is damaged')
    const headerStart = this.#field('headerStart')
    if (headerStart >= 0) {
      this.#blockHeader = this.#input.slice(this.#position + headerStart, this.#position + this.#field('headerEnd') + 1)
      this.#blockHeaderBit = this.#field('headerBit')
    }
    const produced = isExact === true ? Math.min(this.#field('produced'), left) : this.#field('produced')
    const checksum = this.#format.checksum(this.#kernel, place, produced)
    this.#checksum = this.#format.combine(this.#checksum, checksum, produced)
    this.#checksumOfAll = this.#length === 0 ? checksum : this.#format.combine(this.#checksumOfAll, checksum, produced)
    this.#length += produced
    this.#memberLength += produced
    this.#position += this.#field('consumed')
    const state = this.#field('state')
    this.#state = state === inflateStates.codes ? 'codes' : state === inflateStates.stored ? 'stored' : 'header'
    if (isExact === true && this.#length >= stop) return 'done'
    if (status === 0) this.#state = 'trailer'
    return status === 0 ? 'more' : status === 1 ? 'done' : 'input'
  }

  #field(name: keyof typeof inflateFields): number {
    const { bytes } = this.#kernel.scratch
    return new DataView(bytes.buffer, bytes.byteOffset + this.#workspace + inflateFields[name], 4).getInt32(0, true)
  }

  #place(): StreamPlace {
    const state = this.#state
    const isInside = state === 'header' || state === 'codes' || state === 'stored'
    const window = isInside ? Math.min(windowBytes, this.#memberLength) : 0
    return {
      state,
      input: this.#from.input + this.#position,
      bit: isInside ? this.#field('bit') : 0,
      output: this.#from.output + this.#length,
      storedLeft: state === 'stored' ? this.#field('storedLeft') : 0,
      isLastBlock: isInside && this.#field('last') === 1,
      blockHeader: state === 'codes' ? this.#blockHeader : nothing,
      blockHeaderBit: state === 'codes' ? this.#blockHeaderBit : 0,
      window: this.#kernel.scratch.view(this.#begin + this.#length - window, window).slice(),
      checksum: this.#checksum,
      memberLength: this.#memberLength
    }
  }
}
