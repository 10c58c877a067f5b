import { type CodecSpec, isJsonObject } from '@bioimage/core'
import { copyStrided } from '@bioimage/core/backend'
import { corrupt, invalid, unsupported } from '../codec-errors.js'
import { integersOption } from '../codec-options.js'
import type { CodecStep, ExpectedLength, StepContext } from '../codec-step.js'
import { longerBy } from '../expected-length.js'
import { Payload } from '../payload.js'

/** Blocks that are not of the chunk's shape are copied into it; hostile headers must not make that take all memory. */
const maximalBytes = 2 ** 30

/** Modes of a block: the elements of a full block, a number of elements of its own, serialised objects. */
const defaultMode = 0
const varlengthMode = 1
const objectMode = 2

/**
 * Blocks of N5 (its specification, "File-system specification"): a big-endian header with the shape of the block, then the
 * elements, compressed by `codec` (absent or null for none). `blockSize` is the largest shape that a header may give.
 *
 * The chunk's shape is that of the block's part of the array. A stored block may be larger (padded at the edge) or smaller:
 * it is cut, or filled up with zeros. Shapes are slowest axis first; the header has them the other way round.
 */
export async function createN5Block(spec: CodecSpec, context: StepContext): Promise<CodecStep> {
  const blockSize = integersOption(spec, 'blockSize')
  const { shape, itemSize } = context
  if (shape === undefined || itemSize === undefined) throw invalid('n5_block', 'it needs the shape and the item size of the chunk')
  if (shape.length !== blockSize.length || shape.some((length, axis) => length > (blockSize[axis] ?? 0)))
    throw invalid('n5_block', `a chunk of shape [${shape.join(', ')}] is no part of a block of [${blockSize.join(', ')}]`)
  return new N5Block(shape, itemSize, blockSize, await payloadSteps(spec, context))
}

/** Steps for the bytes behind the header. */
interface PayloadSteps {
  readonly step: CodecStep | undefined
  /** For streams that say gzip where `step` is zlib: z5 writes them, whatever the metadata say. */
  readonly gzip: CodecStep | undefined
}

async function payloadSteps({ codec }: CodecSpec, context: StepContext): Promise<PayloadSteps> {
  if (codec === undefined || codec === null) return { step: undefined, gzip: undefined }
  if (!isJsonObject(codec) || typeof codec.id !== 'string')
    throw invalid('n5_block', `"codec" is ${JSON.stringify(codec)}, expected an object with an "id"`)
  const { id } = codec
  const gzip = id === 'zlib' ? await context.step({ ...codec, id: 'gzip' }) : undefined
  return { step: await context.step({ ...codec, id }), gzip }
}

class N5Block implements CodecStep {
  readonly #shape: readonly number[]
  readonly #itemSize: number
  readonly #blockSize: readonly number[]
  readonly #payload: PayloadSteps
  readonly #header: Uint8Array

  constructor(shape: readonly number[], itemSize: number, blockSize: readonly number[], payload: PayloadSteps) {
    this.#shape = shape
    this.#itemSize = itemSize
    this.#blockSize = blockSize
    this.#payload = payload
    this.#header = formatHeader(shape)
  }

  encodedLength(decoded: ExpectedLength): ExpectedLength {
    const { max } = this.#payload.step?.encodedLength(decoded) ?? decoded
    return { max: longerBy({ max, exact: false }, this.#header.byteLength).max, exact: false }
  }

  decode(encoded: Payload): Payload | Promise<Payload> {
    const { shape, payloadStart } = this.#parseHeader(encoded.view())
    const byteLength = shape.reduce((product, length) => product * length, this.#itemSize)
    const payload = encoded.slice(payloadStart, encoded.byteLength)
    const { step, gzip } = this.#payload
    if (step === undefined) return this.#fit(payload, shape, byteLength)
    const bytes = payload.view()
    const isGzip = gzip !== undefined && bytes[0] === 0x1f && bytes[1] === 0x8b
    const elements = (isGzip ? gzip : step).decode(payload, { max: byteLength, exact: true })
    if (!(elements instanceof Promise)) return this.#fit(elements, shape, byteLength)
    return elements.then((elements) => this.#fit(elements, shape, byteLength))
  }

  encode(decoded: Payload): Payload | Promise<Payload> {
    const payload = this.#payload.step?.encode(decoded) ?? decoded
    if (!(payload instanceof Promise)) return this.#withHeader(payload)
    return payload.then((payload) => this.#withHeader(payload))
  }

  #withHeader(payload: Payload): Payload {
    const bytes = new Uint8Array(this.#header.byteLength + payload.byteLength)
    bytes.set(this.#header)
    bytes.set(payload.view(), this.#header.byteLength)
    return Payload.of(bytes)
  }

  #parseHeader(bytes: Uint8Array): { shape: readonly number[]; payloadStart: number } {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const ndim = this.#shape.length
    if (bytes.byteLength < 4) throw corrupt('n5_block', `the block ends in its header, after ${bytes.byteLength} bytes`)
    const mode = view.getUint16(0)
    if (mode === objectMode) throw unsupported('n5_block', 'the block holds serialised objects (mode 2), not numbers')
    if (mode !== defaultMode && mode !== varlengthMode) throw corrupt('n5_block', `the block has mode ${mode}, expected 0, 1 or 2`)
    const rank = view.getUint16(2)
    if (rank !== ndim) throw corrupt('n5_block', `the block has ${rank} axes, the array ${ndim}`)
    const payloadStart = 4 + 4 * ndim + (mode === varlengthMode ? 4 : 0)
    if (bytes.byteLength < payloadStart) throw corrupt('n5_block', `the block ends in its header, after ${bytes.byteLength} bytes`)
    const shape = this.#shape.map((_, axis) => view.getUint32(4 + 4 * (ndim - 1 - axis)))
    if (shape.some((length, axis) => length === 0 || length > (this.#blockSize[axis] ?? 0))) {
      const sizes = `[${shape.toReversed().join(', ')}], the block size is [${this.#blockSize.toReversed().join(', ')}]`
      throw corrupt('n5_block', `the header gives a block of ${sizes}`)
    }
    if (mode === varlengthMode) {
      const count = view.getUint32(payloadStart - 4)
      const elements = shape.reduce((product, length) => product * length, 1)
      if (count !== elements)
        throw unsupported('n5_block', `a block of variable length: ${count} values for ${elements} elements, such as a label multiset`)
    }
    return { shape, payloadStart }
  }

  /** Brings a block into the shape of the chunk. */
  #fit(payload: Payload, shape: readonly number[], byteLength: number): Payload {
    if (payload.byteLength !== byteLength) {
      const stated = `[${shape.toReversed().join(', ')}] is ${byteLength}`
      throw corrupt('n5_block', `${payload.byteLength} bytes of elements, but the header says that the block of ${stated}`)
    }
    if (shape.every((length, axis) => length === this.#shape[axis])) return payload
    const fitted = this.#shape.reduce((product, length) => product * length, this.#itemSize)
    if (fitted > maximalBytes) throw unsupported('n5_block', `a block that takes ${fitted} bytes when filled up`)
    const destination = new Uint8Array(fitted)
    copyStrided({
      shape: this.#shape.map((length, axis) => Math.min(length, shape[axis] ?? 0)),
      itemSize: this.#itemSize,
      source: payload.view(),
      sourceOffset: 0,
      sourceStrides: stridesOf(shape, this.#itemSize),
      destination,
      destinationOffset: 0,
      destinationStrides: stridesOf(this.#shape, this.#itemSize)
    })
    return Payload.of(destination)
  }
}

function formatHeader(shape: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 + 4 * shape.length))
  view.setUint16(2, shape.length)
  for (const [at, length] of shape.toReversed().entries()) view.setUint32(4 + 4 * at, length)
  return new Uint8Array(view.buffer)
}

function stridesOf(shape: readonly number[], itemSize: number): number[] {
  return shape.map((_, axis) => shape.slice(axis + 1).reduce((product, length) => product * length, itemSize))
}
