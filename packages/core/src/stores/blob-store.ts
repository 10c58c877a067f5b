import { checkSize, resolveRange } from './byte-range.js'
import type { Store, StoreGetOptions } from './store.js'

let counter = 0

/** A Blob or File as a store of one object, under the key `""`. Only the parts that are asked for are read. */
export function blobStore(blob: Blob): Store {
  return {
    identity: `blob:${counter++}`,
    path: undefined,
    remote: false,
    async get(key: string, options: StoreGetOptions = {}) {
      options.signal?.throwIfAborted()
      if (key !== '') return undefined
      checkSize('the blob', blob.size, options.objectSize)
      const { offset, length } = resolveRange(options.range, blob.size)
      const bytes = new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer())
      options.signal?.throwIfAborted()
      return bytes
    },
    size: async (key: string) => (key === '' ? blob.size : undefined)
  }
}
