import '@bioimage/codecs/image'
import { codecRuntime, parseJpegHeader, parsePngHeader } from '@bioimage/codecs'
import { type Context, type DType, globalRegistry, joinKey, openSource, type Source, SourceError, type Store } from '@bioimage/core'
import { chunkedAccess, defineSource, itemSizeOf } from '@bioimage/core/backend'
import { sliceExtensionOf } from './slice-names.js'

/** What is known of a slice before it is decoded. */
interface ImageHeader {
  readonly width: number
  readonly height: number
  readonly channels: number
  readonly bitsPerSample: number
}

/**
 * Opens a slice as an array of rows and columns, and channels where there are several.
 *
 * @throws ERR_NOT_FOUND; ERR_UNSUPPORTED for other images; ERR_UNKNOWN_KIND for TIFF without `@bioimage/tif`.
 */
export async function openSlice(store: Store, key: string, context: Context, signal: AbortSignal | undefined): Promise<Source> {
  const extension = sliceExtensionOf(key)
  if (extension === undefined) {
    throw new SourceError('ERR_UNSUPPORTED', `${JSON.stringify(key)} is no slice: slices are .tif, .tiff, .png, .jpg and .jpeg`)
  }
  if (extension === '.tif' || extension === '.tiff') {
    // Says which package to install where there is none.
    ;(context.registry ?? globalRegistry()).driver('tif')
    return openSource(objectStore(store, key), { format: 'tif', context, signal })
  }
  const codec = extension === '.png' ? 'png' : 'jpeg'
  const header = await readHeader(store, key, codec === 'png' ? parsePngHeader : parseJpegHeader, signal)
  const { width, height, channels, bitsPerSample } = header
  const dtype: DType = bitsPerSample === 1 ? 'bool' : bitsPerSample > 8 ? 'uint16' : 'uint8'
  const shape = channels === 1 ? [height, width] : [height, width, channels]
  const access = chunkedAccess(
    {
      shape,
      dtype,
      chunks: shape,
      codecs: [{ id: codec }],
      fill: new Uint8Array(itemSizeOf(dtype)),
      storage: {
        store,
        unitOf: () => key,
        // A slice that is gone would read as zeros.
        locate: async (_, options) => {
          if ((await store.size(key, { signal: options.signal })) === undefined) throw notFound(store, key)
          return { key }
        }
      },
      identity: `${store.identity}\n${key}`
    },
    codecRuntime,
    context
  )
  return defineSource({ kind: 'stack', shape, dtype, chunks: shape, access: { read: access.read } })
}

const largestPrefix = 64 << 20

/** The header of an image, from as many of its first bytes as it takes. */
async function readHeader(
  store: Store,
  key: string,
  parse: (bytes: Uint8Array) => ImageHeader | undefined,
  signal: AbortSignal | undefined
): Promise<ImageHeader> {
  for (let length = 4096; ; length *= 16) {
    const bytes = await store.get(key, { range: { offset: 0, length }, signal })
    if (bytes === undefined) throw notFound(store, key)
    const isWhole = bytes.byteLength < length
    let header: ImageHeader | undefined
    try {
      header = parse(bytes)
    } catch (error) {
      // The first bytes may end inside of what stands before the header, such as a preview image.
      if (isWhole || length > largestPrefix) throw error
    }
    if (header !== undefined) return header
    if (isWhole || length > largestPrefix) throw new SourceError('ERR_CORRUPT_DATA', `${JSON.stringify(key)} ends before its pixels`)
  }
}

function notFound(store: Store, key: string): SourceError {
  return new SourceError('ERR_NOT_FOUND', `the slice ${JSON.stringify(key)} does not exist`, { path: store.path })
}

/** One object of a store as a store of its own. */
function objectStore(store: Store, key: string): Store {
  const list = store.list
  return {
    identity: `${store.identity}\n${key}`,
    path: store.path === undefined ? undefined : joinPath(store.path, key),
    remote: store.remote,
    get: (inner, options) => store.get(joinKey(key, inner), options),
    size: (inner, options) => store.size(joinKey(key, inner), options),
    ...(list !== undefined && { list: (folder, options) => list.call(store, joinKey(key, folder), options) })
  }
}

function joinPath(path: string, key: string): string {
  return `${path.replace(/[/\\]$/, '')}/${key}`
}
