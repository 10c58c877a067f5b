import type { CodecSpec } from '@bioimage/core'
import { corrupt } from '../codec-errors.js'
import { booleanOption, choiceOption } from '../codec-options.js'
import type { CodecStep, ExpectedLength, StepContext } from '../codec-step.js'
import { longerBy } from '../expected-length.js'
import { Payload } from '../payload.js'

const castagnoli = 0x82f63b78
const gzipPolynomial = 0xedb88320
const checksumLength = 4

/** CRC-32C as u32 LE behind the data, or before it with `location: 'start'`. */
export async function createCrc32c(spec: CodecSpec, context: StepContext): Promise<CodecStep> {
  const location = choiceOption(spec, 'location', ['start', 'end'], 'end')
  const kernel = await context.kernel()
  const tables = kernel.crcTables(castagnoli)
  return new Checksum32('crc32c', location, (payload) => kernel.functions.crc(payload.place(kernel.scratch), payload.byteLength, tables, 0))
}

/** The CRC of gzip as u32 LE before the data, or behind it with `location: 'end'`. */
export async function createCrc32(spec: CodecSpec, context: StepContext): Promise<CodecStep> {
  const location = choiceOption(spec, 'location', ['start', 'end'], 'start')
  const kernel = await context.kernel()
  const tables = kernel.crcTables(gzipPolynomial)
  return new Checksum32('crc32', location, (payload) => kernel.functions.crc(payload.place(kernel.scratch), payload.byteLength, tables, 0))
}

/** Adler-32 as u32 LE before the data, or behind it with `location: 'end'`. */
export async function createAdler32(spec: CodecSpec, context: StepContext): Promise<CodecStep> {
  const location = choiceOption(spec, 'location', ['start', 'end'], 'start')
  const { functions, scratch } = await context.kernel()
  return new Checksum32('adler32', location, (payload) => functions.adler32(payload.place(scratch), payload.byteLength))
}

/**
 * Fletcher-32 of HDF5 as u32 LE behind the data. With `acceptSwapped` decoding also takes sums whose bytes are swapped in both
 * halves, as HDF5 before 1.6.3 wrote them.
 */
export async function createFletcher32(spec: CodecSpec, context: StepContext): Promise<CodecStep> {
  const { functions, scratch } = await context.kernel()
  const compute = (payload: Payload): number => functions.fletcher32(payload.place(scratch), payload.byteLength)
  return new Checksum32('fletcher32', 'end', compute, booleanOption(spec, 'acceptSwapped', false))
}

class Checksum32 implements CodecStep {
  readonly decodesAtOnce = true
  readonly #id: string
  readonly #location: 'start' | 'end'
  readonly #compute: (payload: Payload) => number
  readonly #acceptSwapped: boolean

  constructor(id: string, location: 'start' | 'end', compute: (payload: Payload) => number, acceptSwapped = false) {
    this.#id = id
    this.#location = location
    this.#compute = compute
    this.#acceptSwapped = acceptSwapped
  }

  encodedLength(decoded: ExpectedLength): ExpectedLength {
    return longerBy(decoded, checksumLength)
  }

  decode(encoded: Payload): Payload {
    const length = encoded.byteLength - checksumLength
    if (length < 0) throw corrupt(this.#id, `${encoded.byteLength} bytes, the checksum alone has ${checksumLength}`)
    const bytes = encoded.view()
    const position = this.#location === 'start' ? 0 : length
    const stored = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(position, true)
    const start = this.#location === 'start' ? checksumLength : 0
    const data = encoded.slice(start, start + length)
    const computed = this.#compute(data) >>> 0
    const matches = computed === stored || (this.#acceptSwapped && swapHalves(computed) === stored)
    if (!matches) throw corrupt(this.#id, `the checksum is ${hex(stored)}, the data gives ${hex(computed)}`)
    return data
  }

  encode(decoded: Payload): Payload {
    const checksum = this.#compute(decoded)
    const encoded = new Uint8Array(decoded.byteLength + checksumLength)
    encoded.set(decoded.view(), this.#location === 'start' ? checksumLength : 0)
    new DataView(encoded.buffer).setUint32(this.#location === 'start' ? 0 : decoded.byteLength, checksum, true)
    return Payload.of(encoded)
  }
}

/** The bytes of each 16-bit half in the other order. */
function swapHalves(value: number): number {
  return (((value & 0x00ff00ff) << 8) | ((value >>> 8) & 0x00ff00ff)) >>> 0
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`
}
