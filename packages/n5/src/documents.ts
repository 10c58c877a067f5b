import { isSourceError, type JsonObject, joinKey, type Store } from '@bioimage/core'
import { maximalDocument, parseDocument } from '@bioimage/core/backend'

/** The `attributes.json` documents of a container, each read once. */
export class Documents {
  readonly store: Store
  readonly signal: AbortSignal | undefined
  readonly #read = new Map<string, Promise<JsonObject | undefined>>()

  constructor(store: Store, signal: AbortSignal | undefined) {
    this.store = store
    this.signal = signal
  }

  /**
   * The document of a group or data set; `undefined` if there is none.
   *
   * @throws ERR_CORRUPT_DATA
   */
  at(path: string): Promise<JsonObject | undefined> {
    let document = this.#read.get(path)
    if (document === undefined) {
      document = this.#load(documentKey(path))
      this.#read.set(path, document)
    }
    return document
  }

  /**
   * A document that only adds to what is known: damaged, it is left out, and so it is where a bucket answers "forbidden" for
   * a key that it does not have.
   */
  async optional(path: string): Promise<JsonObject | undefined> {
    try {
      return await this.at(path)
    } catch (error) {
      if (isSourceError(error, 'ERR_CORRUPT_DATA') || isSourceError(error, 'ERR_ACCESS_DENIED')) return undefined
      throw error
    }
  }

  async #load(key: string): Promise<JsonObject | undefined> {
    const bytes = await this.store.get(key, { signal: this.signal, maxBytes: maximalDocument })
    return bytes === undefined ? undefined : parseDocument(bytes, key)
  }
}

/** Key of the document of a group or data set. */
export function documentKey(path: string): string {
  return joinKey(path, 'attributes.json')
}
