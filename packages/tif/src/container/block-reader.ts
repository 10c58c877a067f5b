import type { Store } from '@bioimage/core'
import { corrupt } from '../errors.js'

/** Options of a read. */
export interface ReadOptions {
  readonly signal?: AbortSignal | undefined
}

interface Block {
  readonly offset: number
  readonly bytes: Uint8Array
}

const firstBlock = 64 << 10
/** What is read at a place far from the last one: a directory that lies alone between the data of its neighbours. */
const loneBlock = { local: 4 << 10, remote: 32 << 10 }
const growth = 4
const largestBlock = 4 << 20
/** Blocks that are kept: directories point back to tables that were read just before. */
const keptBytes = 16 << 20

/**
 * Reads the directories of a file, ahead of what is asked for: four times as much each time that a read goes on behind the last one, so
 * that a table of a thousand directories takes a few reads, and little where directories are far apart.
 */
export class BlockReader {
  readonly #store: Store
  readonly #key: string
  readonly size: number
  #blocks: Block[] = []
  #ahead = firstBlock
  #end = 0

  constructor(store: Store, key: string, size: number) {
    this.#store = store
    this.#key = key
    this.size = size
  }

  /**
   * The bytes of a part of the file; they are shared and must not be changed.
   *
   * @throws ERR_CORRUPT_DATA if the file ends before.
   */
  async read(offset: number, length: number, { signal }: ReadOptions): Promise<Uint8Array> {
    if (!Number.isSafeInteger(offset) || offset + length > this.size)
      throw corrupt(`bytes ${offset} to ${offset + length} are behind the end of the file, at ${this.size}`)
    const found = this.#blocks.findIndex((block) => block.offset <= offset && offset + length <= block.offset + block.bytes.byteLength)
    const known = this.#blocks[found]
    if (known !== undefined) {
      // The last one used comes first.
      if (found > 0) this.#blocks = [known, ...this.#blocks.filter((block) => block !== known)]
      return known.bytes.subarray(offset - known.offset, offset - known.offset + length)
    }
    const goesOn = offset >= this.#end - this.#ahead && offset <= this.#end + this.#ahead
    this.#ahead = goesOn ? Math.min(this.#ahead * growth, largestBlock) : loneBlock[this.#store.remote ? 'remote' : 'local']
    if (this.#blocks.length === 0) this.#ahead = firstBlock
    const wanted = Math.min(Math.max(length, this.#ahead), this.size - offset)
    const bytes = await this.#store.get(this.#key, { range: { offset, length: wanted }, signal })
    if (bytes === undefined || bytes.byteLength < length)
      throw corrupt(`the file ends at byte ${offset + (bytes?.byteLength ?? 0)}, expected ${this.size} bytes`)
    this.#end = offset + bytes.byteLength
    this.#keep({ offset, bytes })
    return bytes.subarray(0, length)
  }

  #keep(block: Block): void {
    this.#blocks.unshift(block)
    let total = 0
    this.#blocks = this.#blocks.filter(({ bytes }, index) => {
      total += bytes.byteLength
      return index < 2 || total <= keptBytes
    })
  }
}
