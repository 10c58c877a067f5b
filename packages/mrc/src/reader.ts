import { type OpenRequest, SourceError, type Store, specOf } from '@bioimage/core'
import { defineSource, stridedAccess } from '@bioimage/core/backend'
import { compressionOf, openCompressed } from './compressed.js'
import type { MrcSource } from './driver.js'
import { headerBytes, type MrcHeader, parseHeader } from './header.js'
import { checkFileSize, layoutOf } from './layout.js'
import { attrsOf, metadataOf } from './metadata.js'

export { create } from './create.js'

/** Opens a file for reading. */
export async function open(request: OpenRequest): Promise<MrcSource> {
  const { location, mode, context, signal } = request
  const { store } = location
  if (mode !== 'r') {
    throw new SourceError('ERR_READ_ONLY', 'MRC files are read, or written anew: leave out `mode`, or make a new file with createSource')
  }
  const [beginning, size] = await Promise.all([
    store.get('', { range: { offset: 0, length: headerBytes }, signal }),
    store.size('', { signal })
  ])
  if (beginning === undefined || size === undefined) throw new SourceError('ERR_NOT_FOUND', `${location.path ?? 'the file'} does not exist`)
  const file = await openFile(store, beginning, size, signal)
  const { header } = file
  const layout = layoutOf(header)
  if (file.size !== undefined) checkFileSize(header, layout, file.size)
  const access = stridedAccess(file.store, layout, context.concurrency)
  return defineSource(
    {
      kind: 'mrc',
      shape: layout.shape,
      dtype: layout.dtype,
      attrs: attrsOf(header),
      metadata: metadataOf(header, layout.shape.length),
      access: {
        read: async (region, out, options) => {
          if (file.size === undefined) checkFileSize(header, layout, (await file.store.size('', options)) ?? 0)
          await access.read(region, out, options)
        },
        close: async () => file.release()
      },
      readOnlyReason: 'MRC files are written anew by createSource',
      toSpec: specOf('mrc', request, undefined)
    },
    {
      kind: 'mrc' as const,
      extendedHeader: async (options: { readonly signal?: AbortSignal | undefined } = {}): Promise<Uint8Array> => {
        const range = { offset: headerBytes, length: header.nsymbt }
        const bytes = await file.store.get('', { range, signal: options.signal })
        if (bytes?.byteLength === header.nsymbt) return bytes
        throw new SourceError(
          'ERR_CORRUPT_DATA',
          `the extended header has ${bytes?.byteLength ?? 0} bytes, expected nsymbt = ${header.nsymbt}`,
          { kind: 'mrc', path: location.path }
        )
      },
      discard: async (): Promise<void> => {}
    }
  )
}

interface OpenFile {
  readonly header: MrcHeader
  readonly store: Store
  /** Bytes of the decompressed file; `undefined` before it is decompressed. */
  readonly size: number | undefined
  release(): void
}

async function openFile(store: Store, beginning: Uint8Array, size: number, signal: AbortSignal | undefined): Promise<OpenFile> {
  const compression = compressionOf(beginning)
  if (compression === undefined) return { header: parseHeader(beginning), store, size, release: () => {} }
  return { ...(await openCompressed(store, compression, size, signal)), size: undefined }
}
