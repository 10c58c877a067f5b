import { SourceError, type Store } from '@bioimage/core'
import { type SiblingOptions, siblingStore } from '@bioimage/core/backend'
import { readLocalHeap } from './heaps/local-heap.js'
import type { ExternalFiles } from './messages/external-files.js'
import type { Hdf5File, ReadOptions } from './structure/hdf5-file.js'
import { corrupt } from './structure/structure-reader.js'

interface Slot {
  readonly store: Store
  readonly name: string
  readonly offset: number
  /** Bytes of the dataset before this slot. */
  readonly start: number
  readonly size: number
}

/**
 * The raw files of a dataset as one object, under the key `""`, that holds its elements from byte 0 on.
 *
 * @throws ERR_NOT_FOUND for a file that does not exist, ERR_CORRUPT_DATA for one that is too short.
 */
export async function externalData(
  file: Hdf5File,
  { heapAddress, slots }: ExternalFiles,
  byteLength: number,
  siblings: SiblingOptions,
  options: ReadOptions
): Promise<Store> {
  const heap = await readLocalHeap(file, heapAddress, options)
  const found: Slot[] = []
  let start = 0
  for (const { nameOffset, offset, size } of slots) {
    if (start >= byteLength) break
    const name = heap.textAt(nameOffset)
    const store = await siblingStore(name, siblings)
    const present = await store.size('', { signal: options.signal })
    if (present === undefined) {
      throw new SourceError('ERR_NOT_FOUND', `the elements of the dataset lie in ${JSON.stringify(name)}, which does not exist`, {
        kind: 'hdf5'
      })
    }
    const used = Math.min(size, byteLength - start)
    if (offset + used > present)
      throw corrupt(`${JSON.stringify(name)} has ${present} bytes, but the dataset has its elements up to byte ${offset + used} there`)
    found.push({ store, name, offset, start, size: used })
    start += used
  }
  if (start < byteLength) throw corrupt(`the external files of the dataset hold ${start} bytes, expected ${byteLength}`)
  return concatenated(found, byteLength, file.store)
}

function concatenated(slots: readonly Slot[], byteLength: number, main: Store): Store {
  return {
    identity: `${main.identity}#external:${slots.map(({ store, offset }) => `${store.identity}@${offset}`).join()}`,
    path: main.path,
    remote: main.remote,
    size: async (key) => (key === '' ? byteLength : undefined),
    async get(key, { range, signal } = {}) {
      if (key !== '' || range === undefined || 'suffixLength' in range) return undefined
      const end = Math.min(range.offset + range.length, byteLength)
      const bytes = new Uint8Array(Math.max(0, end - range.offset))
      for (const slot of slots) {
        const from = Math.max(range.offset, slot.start)
        const to = Math.min(end, slot.start + slot.size)
        if (from >= to) continue
        const part = await slot.store.get('', { range: { offset: slot.offset + from - slot.start, length: to - from }, signal })
        if (part?.byteLength !== to - from) throw corrupt(`${JSON.stringify(slot.name)} ends early`)
        bytes.set(part, from - range.offset)
      }
      return bytes
    }
  }
}
