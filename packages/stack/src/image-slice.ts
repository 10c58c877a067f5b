import '@bioimage/codecs/image'
import { codecRuntime, parseJpegHeader, parsePngHeader } from '@bioimage/codecs'
import { type Context, type DType, type Source, SourceError, type Store } from '@bioimage/core'
import { chunkedAccess, defineSource, itemSizeOf } from '@bioimage/core/backend'

/** What is known of an image before it is decoded. */
interface ImageHeader {
  readonly width: number
  readonly height: number
  readonly channels: number
  readonly bitsPerSample: number
}

const parsers: Readonly<Record<'png' | 'jpeg', (bytes: Uint8Array) => ImageHeader | undefined>> = {
  png: parsePngHeader,
  jpeg: parseJpegHeader
}

/** Opens a PNG or JPEG image, the root of a store, as one chunk of rows, columns and, where there are several, channels. */
export async function openImageSlice(
  store: Store,
  codec: 'png' | 'jpeg',
  context: Context,
  signal: AbortSignal | undefined
): Promise<Source> {
  const { width, height, channels, bitsPerSample } = await readHeader(store, parsers[codec], signal)
  const dtype: DType = bitsPerSample === 1 ? 'bool' : bitsPerSample > 8 ? 'uint16' : 'uint8'
  const shape = channels === 1 ? [height, width] : [height, width, channels]
  const access = chunkedAccess(
    {
      shape,
      dtype,
      chunks: shape,
      codecs: [{ id: codec }],
      fill: new Uint8Array(itemSizeOf(dtype)),
      storage: { store, unitOf: () => '', locate: () => ({ key: '' }) },
      identity: store.identity
    },
    codecRuntime,
    context
  )
  return defineSource({ kind: 'stack', shape, dtype, chunks: shape, access })
}

const firstPrefix = 4096
/** Previews and colour profiles may stand before the header of a JPEG image. */
const largestPrefix = 64 << 20

/** The header of an image, from as many of its first bytes as it takes. */
async function readHeader(
  store: Store,
  parse: (bytes: Uint8Array) => ImageHeader | undefined,
  signal: AbortSignal | undefined
): Promise<ImageHeader> {
  for (let length = firstPrefix; ; length *= 16) {
    const bytes = (await store.get('', { range: { offset: 0, length }, signal })) ?? new Uint8Array(0)
    const isAll = bytes.byteLength < length || length > largestPrefix
    try {
      const header = parse(bytes)
      if (header !== undefined) return header
    } catch (error) {
      if (isAll) throw error
    }
    if (isAll) throw new SourceError('ERR_CORRUPT_DATA', `${store.path ?? 'the image'} ends before its pixels`)
  }
}
