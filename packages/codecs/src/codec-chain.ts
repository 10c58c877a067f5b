import type { ChunkCoder, ChunkCoding, GatherChunks } from '@bioimage/core/backend'
import { corrupt, invalid } from './codec-errors.js'
import type { CodecStep, ExpectedLength, StepContext } from './codec-step.js'
import { copyInKernel } from './kernel/copy-in-kernel.js'
import { type Kernel, loadKernel } from './kernel/kernel.js'
import { Payload } from './payload.js'
import { resolveCodec } from './registry.js'

/**
 * Memory that chunks share begins in the middle of a page: outputs begin at the start of one, and copying between equal places of
 * pages takes three times as long, since the processor takes loads for those of stores just before.
 */
const pageBytes = 4096

/** The steps of a chain and the length that each one's decoder must give. */
interface Link {
  readonly id: string
  readonly step: CodecStep
  readonly decoded: ExpectedLength
}

/** A chain ready to decode and encode. */
export interface CodecChain extends ChunkCoder {
  /** Like `decode`, for bytes whose length is only bounded. */
  decodeAll(encoded: Uint8Array): Uint8Array | Promise<Uint8Array>
}

export interface ChainOptions {
  readonly codecs: ChunkCoding['codecs']
  readonly expected: ExpectedLength
  readonly itemSize: number | undefined
  readonly shape?: readonly number[] | undefined
  /** The kernel to use instead of this thread's. */
  readonly kernel?: (() => Promise<Kernel>) | undefined
}

/** Loads the codecs of a chain and builds its steps. */
export async function createChain(options: ChainOptions): Promise<CodecChain> {
  let kernel: Kernel | undefined
  const context: StepContext = {
    itemSize: options.itemSize,
    shape: options.shape,
    kernel: async () => {
      kernel = await (options.kernel ?? loadKernel)()
      return kernel
    },
    step: async (spec) => {
      const create = await resolveCodec(spec.id)
      return create(spec, context)
    }
  }
  // All at once: each may be a download.
  const steps = await Promise.all(options.codecs.map((spec) => context.step(spec)))
  const links: Link[] = []
  let decoded = options.expected
  for (const [index, step] of steps.entries()) {
    links.push({ id: options.codecs[index]!.id, step, decoded })
    decoded = step.encodedLength(decoded)
  }
  return new Chain(links, decoded, options.expected, kernel)
}

class Chain implements CodecChain {
  readonly gather: GatherChunks | undefined
  readonly #links: readonly Link[]
  readonly #encoded: ExpectedLength
  readonly #expected: ExpectedLength
  readonly #kernel: Kernel | undefined

  constructor(links: readonly Link[], encoded: ExpectedLength, expected: ExpectedLength, kernel: Kernel | undefined) {
    this.#links = links
    this.#encoded = encoded
    this.#expected = expected
    this.#kernel = kernel
    if (kernel !== undefined && expected.exact && links.every(({ step }) => step.decodesAtOnce === true)) {
      this.gather = (byteLength, fill, use) => this.#gather(kernel, byteLength, fill, use)
    }
  }

  decode<T>(encoded: Uint8Array, use: (decoded: Uint8Array) => T): T | Promise<T> {
    return this.#decode(encoded, (payload) => {
      // `use` may transpose the chunk in scratch memory, which must not grow under the view.
      if (payload.isInside) this.#kernel?.scratch.ensureRoom(payload.byteLength)
      return use(payload.view())
    })
  }

  decodeAll(encoded: Uint8Array): Uint8Array | Promise<Uint8Array> {
    return this.#decode(encoded, (payload) => payload.lasting())
  }

  encode(decoded: Uint8Array): Uint8Array | Promise<Uint8Array> {
    const { max, exact } = this.#expected
    if (exact && decoded.byteLength !== max) {
      throw invalid('encode', `the chunk has ${decoded.byteLength} bytes, expected ${max}`)
    }
    return this.#run(this.#input(decoded), 0, 1, (payload) => payload.lasting())
  }

  #gather({ functions, scratch }: Kernel, byteLength: number, fill: Parameters<GatherChunks>[1], use: Parameters<GatherChunks>[2]): void {
    const mark = scratch.mark()
    try {
      const allocated = scratch.allocate(byteLength + pageBytes)
      const gathered = allocated + (((pageBytes * 3) / 2 - (allocated % pageBytes)) % pageBytes)
      fill((encoded, box) => {
        const done = this.#decode(encoded, (payload) => {
          const source = payload.place(scratch) + box.sourceOffset
          copyInKernel(functions, { ...box, source, destination: gathered + box.destinationOffset })
        })
        if (done instanceof Promise) throw new TypeError('a step that decodes at once gave a promise')
      })
      use(scratch.view(gathered, byteLength))
    } finally {
      scratch.release(mark)
    }
  }

  #decode<T>(encoded: Uint8Array, finish: (payload: Payload) => T): T | Promise<T> {
    // Behind a compressor the length is only a bound, and padding of foreign writers may exceed it: the decoder decides.
    if (this.#encoded.exact) checkLength(this.#links.at(-1)?.id ?? 'uncompressed chunk', encoded.byteLength, this.#encoded)
    return this.#run(this.#input(encoded), this.#links.length - 1, -1, finish)
  }

  // A view of the kernel's own memory would die as soon as that grows.
  #input(bytes: Uint8Array): Payload {
    const inside = this.#kernel !== undefined && bytes.buffer === this.#kernel.scratch.bytes.buffer
    return Payload.of(inside ? bytes.slice() : bytes)
  }

  /**
   * Runs the steps from `index` on in one `direction`, synchronously as far as they allow. Scratch memory is released before
   * each wait: other chunks use it in between.
   */
  #run<T>(input: Payload, index: number, direction: 1 | -1, finish: (payload: Payload) => T): T | Promise<T> {
    const scratch = this.#kernel?.scratch
    const mark = scratch?.mark()
    try {
      let payload = input
      for (let position = index; position >= 0 && position < this.#links.length; position += direction) {
        const link = this.#links[position]!
        const result = direction === -1 ? link.step.decode(payload, link.decoded) : link.step.encode(payload)
        if (result instanceof Promise) {
          return result.then((bytes) => {
            if (direction === -1) checkLength(link.id, bytes.byteLength, link.decoded)
            return this.#run(bytes, position + direction, direction, finish)
          })
        }
        if (direction === -1) checkLength(link.id, result.byteLength, link.decoded)
        payload = result
      }
      return finish(payload)
    } finally {
      if (scratch !== undefined && mark !== undefined) scratch.release(mark)
    }
  }
}

function checkLength(id: string, byteLength: number, expected: ExpectedLength): void {
  if (expected.exact ? byteLength !== expected.max : byteLength > expected.max) {
    throw corrupt(id, `${byteLength} bytes, expected ${expected.exact ? '' : 'at most '}${expected.max}`)
  }
}
