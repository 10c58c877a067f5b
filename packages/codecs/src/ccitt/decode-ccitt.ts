import { corrupt } from '../codec-errors.js'
import { blackRuns, type CodeTable, codeBits, mode, rowModes, whiteRuns } from './run-codes.js'

/** How rows are coded: each by itself (T.4 and TIFF's compression 2), by the row before or by itself (T.4), always by the row before (T.6). */
export type CcittScheme = 'rle' | 'group3' | 'group4'

export interface CcittOptions {
  readonly scheme: CcittScheme
  /** Pixels of a row. */
  readonly width: number
  readonly rows: number
  /** Whether rows of group 3 may be coded by the row before: a bit behind each end of line tells. */
  readonly twoDimensional: boolean
}

/** Decodes bilevel rows to a byte a pixel: 0 is white, 1 black. @throws ERR_CORRUPT_DATA. */
export function decodeCcitt(bytes: Uint8Array, { scheme, width, rows, twoDimensional }: CcittOptions): Uint8Array {
  const output = new Uint8Array(width * rows)
  const reader = new CodeReader(bytes)
  // Places where the color changes; an imaginary row of white comes before the first.
  let reference: number[] = []
  for (let row = 0; row < rows; row++) {
    let byReference = scheme === 'group4'
    if (scheme === 'rle') reader.alignToByte()
    else if (scheme === 'group3') {
      const found = reader.skipEndOfLine()
      if (twoDimensional && found) byReference = reader.bits(1) === 0
    }
    const changes = byReference ? decodeByReference(reader, reference, width) : decodeRuns(reader, width)
    paint(changes, output, row * width, width)
    reference = changes
  }
  return output
}

/** A row of runs, white first. Gives where the color changes. */
function decodeRuns(reader: CodeReader, width: number): number[] {
  const changes: number[] = []
  let at = 0
  let black = false
  while (at < width) {
    at += reader.run(black)
    if (at > width) throw corrupt('ccitt', `a row is longer than its ${width} pixels`)
    changes.push(at)
    black = !black
  }
  return changes
}

/** A row coded by the one above (ITU-T T.4, 4.2). */
function decodeByReference(reader: CodeReader, reference: readonly number[], width: number): number[] {
  const changes: number[] = []
  let at = 0
  let black = false
  // Changes of the row above are looked for from here on; the first may lie at the very beginning.
  let near = 0
  let begun = false
  const put = (place: number): void => {
    if (place < at || place > width) throw corrupt('ccitt', 'a row goes backwards or is too long')
    changes.push(place)
    at = place
    black = !black
    begun = true
  }
  while (at < width) {
    // The first change to the right of `at` that is of the other color: entries of even index turn to black.
    near = Math.max(0, near - 2)
    while (near < reference.length && (reference[near]! < at || (reference[near] === at && begun) || near % 2 !== (black ? 1 : 0))) near++
    const first = reference[near] ?? width
    const meaning = reader.mode()
    if (meaning === mode.pass) {
      at = reference[near + 1] ?? width
      begun = true
    } else if (meaning === mode.horizontal) {
      put(at + reader.run(black))
      put(at + reader.run(black))
    } else put(first + meaning - mode.vertical)
  }
  return changes
}

function paint(changes: readonly number[], output: Uint8Array, offset: number, width: number): void {
  for (let index = 0; index < changes.length; index += 2) {
    output.fill(1, offset + changes[index]!, offset + Math.min(changes[index + 1] ?? width, width))
  }
}

class CodeReader {
  readonly #bytes: Uint8Array
  /** Bits read. */
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  #peek(count: number): number {
    const byte = this.#at >> 3
    const word = ((this.#bytes[byte] ?? 0) << 16) | ((this.#bytes[byte + 1] ?? 0) << 8) | (this.#bytes[byte + 2] ?? 0)
    return (word >> (24 - (this.#at & 7) - count)) & ((1 << count) - 1)
  }

  #skip(count: number): void {
    this.#at += count
    if (this.#at > this.#bytes.byteLength * 8) throw corrupt('ccitt', 'the data end too early')
  }

  bits(count: number): number {
    const value = this.#peek(count)
    this.#skip(count)
    return value
  }

  alignToByte(): void {
    this.#at = (this.#at + 7) & ~7
  }

  /** Passes fill bits and an end of line, if there is one. */
  skipEndOfLine(): boolean {
    const start = this.#at
    const end = this.#bytes.byteLength * 8
    let zeros = 0
    while (this.#at + zeros < end && this.#bit(this.#at + zeros) === 0) zeros++
    if (zeros < 11 || this.#at + zeros >= end) {
      this.#at = start
      return false
    }
    this.#at += zeros + 1
    return true
  }

  #bit(at: number): number {
    return (this.#bytes[at >> 3]! >> (7 - (at & 7))) & 1
  }

  #code(table: CodeTable, what: string): number {
    const entry = table[this.#peek(codeBits)]!
    if (entry === 0) throw corrupt('ccitt', `there is no ${what} of these bits`)
    this.#skip(entry >> 16)
    return entry & 0xffff
  }

  mode(): number {
    return this.#code(rowModes, 'mode of a row')
  }

  /** The length of a run: make-up codes, then one of less than 64. */
  run(black: boolean): number {
    let length = 0
    for (;;) {
      const part = this.#code(black ? blackRuns : whiteRuns, 'run')
      length += part
      if (part < 64) return length
    }
  }
}
