import { codecRuntime } from '@bioimage/codecs'
import { type Context, SourceError, type SourceMetadata, type Store } from '@bioimage/core'
import { type ChunkedLayout, chunkedAccess, defineSource, itemSizeOf, objectName } from '@bioimage/core/backend'
import type { WkwSource, WkwSpec } from './driver.js'
import { codecsOf, FileStorage } from './file-storage.js'
import { withChannels } from './folder.js'
import type { WkwHeader } from './header.js'

/** What makes a source of a WKW folder. */
export interface FolderSourceOptions {
  readonly store: Store
  readonly folder: string
  readonly header: WkwHeader
  /** Along z, y, x and, where there are several, the channels. */
  readonly shape: readonly number[]
  readonly metadata: SourceMetadata
  readonly writable: boolean
  readonly context: Context
  readonly toSpec: (() => WkwSpec) | undefined
}

/** A source on the chunked engine: files are shards, blocks are chunks. */
export function folderSource(options: FolderSourceOptions): WkwSource {
  const { store, folder, header, shape, metadata, writable, context, toSpec } = options
  if (writable && store.set === undefined) {
    const found = `${store.path ?? 'this store'} cannot be written`
    throw new SourceError('ERR_READ_ONLY', `${found}; open it with mode 'r'`, { kind: 'wkw', path: store.path })
  }
  const { dtype, blockLength, fileLength } = header
  const block = withChannels([blockLength, blockLength, blockLength], header)
  const file = withChannels(
    [0, 1, 2].map(() => blockLength * fileLength),
    header
  )
  const layout: ChunkedLayout = {
    shape,
    dtype,
    chunks: block,
    codecs: codecsOf(header),
    fill: new Uint8Array(itemSizeOf(dtype)),
    storage: new FileStorage(store, folder, header),
    identity: identityOf(store, folder)
  }
  // A file may hold voxels beyond this shape, which writing must not take for padding.
  const whole = { ...layout, shape: shape.map((length, axis) => Math.ceil(length / (file[axis] ?? 1)) * (file[axis] ?? 1)) }
  const read = chunkedAccess(layout, codecRuntime, context)
  const { write } = chunkedAccess(whole, codecRuntime, context)
  return defineSource(
    {
      kind: 'wkw',
      shape,
      dtype,
      chunks: block,
      shards: fileLength === 1 ? null : file,
      metadata,
      writable,
      access: { ...read, write },
      toSpec
    },
    { kind: 'wkw' as const }
  )
}

/** Name of a folder in caches and locks. */
export function identityOf(store: Store, folder: string): string {
  return objectName(store, folder)
}
