import { type Context, type Source, SourceError, type Store } from '@bioimage/core'
import { type AccessOptions, LoadingCache } from '@bioimage/core/backend'
import { openSlice } from './open-slice.js'

/** Slices that stay open. */
const openSlices = 64

/** The slices of a stack, each opened when it is read and held to the shape and dtype of the first. */
export class Slices {
  readonly #store: Store
  readonly #files: readonly string[]
  readonly #context: Context
  readonly #open = new LoadingCache<Source>(openSlices, () => 1)
  /** Those in the cache, to be closed. */
  readonly #recent = new Set<Source>()
  #first: Source | undefined

  constructor(store: Store, files: readonly string[], context: Context) {
    this.#store = store
    this.#files = files
    this.#context = context
  }

  /** Opens the first slice, which all others must be like. */
  async first(signal: AbortSignal | undefined): Promise<Source> {
    this.#first ??= await this.#slice(0, signal)
    return this.#first
  }

  /** @throws ERR_CORRUPT_DATA for a slice of another shape or dtype than the first; ERR_NOT_FOUND for one that is gone. */
  async at(index: number, { signal }: AccessOptions): Promise<Source> {
    const [slice, first] = [await this.#slice(index, signal), await this.first(signal)]
    if (describe(slice) === describe(first)) return slice
    const [name, firstName] = [this.#files[index], this.#files[0]].map((file) => JSON.stringify(file))
    throw new SourceError('ERR_CORRUPT_DATA', `the slices differ: ${name} is ${describe(slice)}, ${firstName} is ${describe(first)}`)
  }

  async close(): Promise<void> {
    for (const slice of this.#recent) await slice.close()
    this.#recent.clear()
  }

  async #slice(index: number, signal: AbortSignal | undefined): Promise<Source> {
    const file = this.#files[index] ?? ''
    const slice = await this.#open.fetch(String(index), signal, () => openSlice(this.#store, file, this.#context, signal))
    if (slice === undefined) throw new TypeError('a slice that is opened is a source')
    this.#recent.delete(slice)
    this.#recent.add(slice)
    const [oldest] = this.#recent
    if (this.#recent.size > openSlices && oldest !== undefined) this.#recent.delete(oldest)
    return slice
  }
}

function describe({ dtype, shape }: Source): string {
  return `${dtype} [${shape.join(', ')}]`
}
