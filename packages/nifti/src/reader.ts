import { type OpenRequest, SourceError, specOf } from '@bioimage/core'
import { defineSource, stridedAccess } from '@bioimage/core/backend'
import type { NiftiExtension, NiftiSource } from './driver.js'
import { extensionAttrs, parseExtensions } from './extensions.js'
import { headerBytes, parseHeader } from './header.js'
import { type ImageFile, openFiles } from './image-files.js'
import { fileBytesOf, layoutOf, valueOptionsOf } from './layout.js'
import { attrsOf, metadataOf } from './metadata.js'

export { attributes, create } from './create.js'

/** Opens an image for reading. */
export async function open(request: OpenRequest): Promise<NiftiSource> {
  const { mode, params, context } = request
  if (mode !== 'r') {
    throw new SourceError('ERR_READ_ONLY', 'NIfTI files are read, or written anew: leave out `mode`, or make a new file with createSource')
  }
  const files = await openFiles(request)
  const header = parseHeader(files.header.prefix)
  const isSingle = files.header === files.voxels
  const layout = layoutOf(header, isSingle, valueOptionsOf(params))
  const expected = fileBytesOf(layout)
  if (files.voxels.largestSize < expected) {
    const { size, largestSize } = files.voxels
    throw new SourceError(
      'ERR_CORRUPT_DATA',
      `the file is cut: its header (dim ${header.dim.join(', ')}, datatype ${header.datatype}, vox_offset ${header.vox_offset}) takes ${expected} bytes, found ${size ?? `a gzip stream of at most ${largestSize}`}`
    )
  }
  const voxelOffset = layout.parts[0]?.offset ?? 0
  const extensionsIn = (bytes: Uint8Array): readonly NiftiExtension[] =>
    parseExtensions(bytes.subarray(headerBytes[header.version], isSingle ? voxelOffset : undefined), header.byteOrder === 'little')
  const access = stridedAccess(files.voxels.store, layout, context.concurrency)
  return defineSource(
    {
      kind: 'nifti',
      shape: layout.shape,
      dtype: layout.dtype,
      attrs: attrsOf(header, extensionAttrs(extensionsIn(files.header.prefix))),
      metadata: metadataOf(header),
      access: {
        read: access.read,
        close: async () => {
          for (const { stream } of new Set([files.header, files.voxels])) await stream?.close?.()
        }
      },
      readOnlyReason: 'NIfTI files are written anew by createSource',
      toSpec: specOf('nifti', request, undefined)
    },
    {
      kind: 'nifti' as const,
      extensions: async (options: ReadOptions = {}): Promise<readonly NiftiExtension[]> =>
        extensionsIn(await bytesBeforeVoxels(files.header, isSingle ? voxelOffset : undefined, options.signal)),
      gzipIndex: async (options: ReadOptions = {}): Promise<Uint8Array> =>
        (await files.voxels.stream?.exportIndex(options)) ?? new Uint8Array(0),
      discard: async (): Promise<void> => {}
    }
  )
}

interface ReadOptions {
  readonly signal?: AbortSignal | undefined
}

/** Header and extensions; all of the file for the header of a pair. */
async function bytesBeforeVoxels(file: ImageFile, end: number | undefined, signal: AbortSignal | undefined): Promise<Uint8Array> {
  if (end !== undefined && end <= file.prefix.byteLength) return file.prefix
  const range = end === undefined ? undefined : { offset: 0, length: end }
  return (await file.store.get('', { range, signal })) ?? file.prefix
}
