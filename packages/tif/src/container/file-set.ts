import { type Context, isSourceError, type Location, type Store, type StoreGetOptions } from '@bioimage/core'
import { LoadingCache, siblingStore } from '@bioimage/core/backend'
import type { ReadOptions } from './block-reader.js'
import { TiffFile } from './tiff-file.js'

/** Files of a set that are kept open; each may have blocks of directories. */
const keptFiles = 1024

/** A file and those beside it that it names, as one store: the key `""` is the file itself, others are names in its folder. */
export class FileSet {
  readonly store: Store
  readonly #main: Store
  readonly #location: Location
  readonly #context: Context
  readonly #siblings = new Map<string, Promise<Store>>()
  /** Also those that do not exist. */
  readonly #files = new LoadingCache<{ readonly file: TiffFile | undefined }>(keptFiles, () => 1)

  constructor(location: Location, context: Context) {
    const main = location.store
    this.#main = main
    this.#location = location
    this.#context = context
    const storeOf = (key: string): Promise<Store> => this.#storeOf(key)
    this.store = {
      identity: main.identity,
      path: main.path,
      remote: main.remote,
      get: async (key: string, options?: StoreGetOptions) => (await storeOf(key)).get('', options),
      size: async (key: string, options?: ReadOptions) => (await storeOf(key)).size('', options),
      ...(main.revision !== undefined && { revision: async (key: string) => (await storeOf(key)).revision?.('') })
    }
  }

  /** Name of the file itself, in lower case; `""` if it has none. */
  get name(): string {
    return this.#location.name
  }

  /**
   * Opens a file; `undefined` if it does not exist.
   *
   * @throws ERR_ACCESS_DENIED, ERR_UNSUPPORTED for one that may not or cannot be looked for: it may well be there.
   */
  async open(key: string, options: ReadOptions): Promise<TiffFile | undefined> {
    return (await this.#files.fetch(key, options.signal, async () => ({ file: await this.#open(key, options) })))?.file
  }

  async #open(key: string, options: ReadOptions): Promise<TiffFile | undefined> {
    try {
      return await TiffFile.open(this.store, key, options)
    } catch (error) {
      if (key !== '' && isSourceError(error, 'ERR_NOT_FOUND')) return undefined
      throw error
    }
  }

  /** The text of a file of metadata; `undefined` if it does not exist. @throws as `open`. */
  async text(key: string, maximalBytes: number, { signal }: ReadOptions): Promise<string | undefined> {
    try {
      const bytes = await this.store.get(key, { range: { offset: 0, length: maximalBytes }, signal })
      return bytes === undefined ? undefined : new TextDecoder().decode(bytes)
    } catch (error) {
      if (isSourceError(error, 'ERR_NOT_FOUND')) return undefined
      throw error
    }
  }

  #storeOf(key: string): Promise<Store> {
    if (key === '') return Promise.resolve(this.#main)
    const known = this.#siblings.get(key)
    if (known !== undefined) return known
    const opening = siblingStore(key, { location: this.#location, context: this.#context })
    this.#siblings.set(key, opening)
    opening.catch(() => this.#siblings.delete(key))
    return opening
  }

  async close(): Promise<void> {
    for (const store of await Promise.allSettled(this.#siblings.values())) if (store.status === 'fulfilled') await store.value.close?.()
    this.#siblings.clear()
  }
}

/** Whether a file may not or cannot be looked for, which says nothing of whether it is there. */
export function isRefusal(error: unknown): boolean {
  return isSourceError(error, 'ERR_ACCESS_DENIED') || isSourceError(error, 'ERR_UNSUPPORTED')
}
