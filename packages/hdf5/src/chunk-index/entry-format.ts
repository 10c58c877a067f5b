import { corrupt, type StructureReader } from '../structure/structure-reader.js'
import type { IndexedDataset, StoredChunk } from './chunk-index.js'

/** Consecutive entries of an array of chunks. */
export interface Entries {
  /** NaN for a chunk that is not stored. */
  readonly addresses: Float64Array
  /** Absent where chunks are not filtered: all have the same size and no mask. */
  readonly filtered: { readonly sizes: Float64Array; readonly masks: Uint32Array } | undefined
}

/** The entries of arrays of chunks: addresses, with size and filter mask where chunks are filtered. */
export class EntryFormat {
  readonly #chunkBytes: number
  readonly #filtered: boolean
  readonly #sizeWidth: number
  readonly byteLength: number

  /**
   * @param clientId 0 for chunks without filters, 1 for filtered ones.
   * @param byteLength Bytes of an entry, as the index says.
   */
  constructor(dataset: IndexedDataset, clientId: number, byteLength: number) {
    const { offsets } = dataset.file.widths
    this.#chunkBytes = dataset.chunkBytes
    this.#filtered = clientId === 1
    this.#sizeWidth = this.#filtered ? byteLength - offsets - 4 : 0
    this.byteLength = byteLength
    if (clientId > 1) throw corrupt(`a chunk index is for the client ${clientId}`)
    if (this.#filtered ? this.#sizeWidth < 1 || this.#sizeWidth > 8 : byteLength !== offsets) {
      throw corrupt(`the entries of a chunk index have ${byteLength} bytes`)
    }
  }

  /** The next `count` entries of a structure. */
  parse(fields: StructureReader, count: number): Entries {
    const addresses = new Float64Array(count)
    const filtered = this.#filtered ? { sizes: new Float64Array(count), masks: new Uint32Array(count) } : undefined
    for (let at = 0; at < count; at++) {
      addresses[at] = fields.address() ?? Number.NaN
      if (filtered === undefined) continue
      filtered.sizes[at] = fields.uint(this.#sizeWidth)
      filtered.masks[at] = fields.u32()
    }
    return { addresses, filtered }
  }

  /** `undefined` for a chunk that is not stored. */
  chunkAt({ addresses, filtered }: Entries, at: number): StoredChunk | undefined {
    const address = addresses[at]
    if (address === undefined || Number.isNaN(address)) return undefined
    return { address, size: filtered?.sizes[at] ?? this.#chunkBytes, mask: filtered?.masks[at] ?? 0 }
  }
}
