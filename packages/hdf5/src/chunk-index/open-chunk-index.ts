import { BTree1Index } from './btree-v1.js'
import { BTree2Index } from './btree-v2.js'
import type { ChunkIndex, IndexedDataset } from './chunk-index.js'
import { ChunkTable } from './chunk-table.js'
import { ImplicitIndex, SingleChunkIndex } from './computed.js'
import { ExtensibleArrayIndex } from './extensible-array.js'
import { FixedArrayIndex } from './fixed-array.js'

/** The index that the layout message names. Nothing is read yet. */
export function openChunkIndex(dataset: IndexedDataset): ChunkIndex {
  const { index } = dataset.layout
  const { address } = index
  if (address === undefined) return emptyIndex(dataset.shape.length)
  switch (index.type) {
    case 'btree-1':
      return new BTree1Index(dataset, address)
    case 'single':
      return new SingleChunkIndex(dataset, { address, size: index.filtered?.size ?? dataset.chunkBytes, mask: index.filtered?.mask ?? 0 })
    case 'implicit':
      return new ImplicitIndex(dataset, address)
    case 'fixed-array':
      return new FixedArrayIndex(dataset, address)
    case 'extensible-array':
      return new ExtensibleArrayIndex(dataset, address)
    case 'btree-2':
      return new BTree2Index(dataset, address)
  }
}

/** No chunk is stored. */
function emptyIndex(rank: number): ChunkIndex {
  return { locate: () => undefined, list: async () => new ChunkTable(rank) }
}
