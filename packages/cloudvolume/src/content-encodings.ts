import { type CodecSpec, type Json, SourceError } from '@bioimage/core'

/** A compression around a stored object, as CloudFiles lays it out. */
export interface ContentEncoding {
  /** Value of `Content-Encoding`. */
  readonly name: 'gzip' | 'br' | 'zstd' | 'xz' | 'bz2'
  /** What a file name ends in where no header can tell. */
  readonly suffix: string
  readonly codec: string
}

/** All that are read, in the order in which CloudFiles looks for them. */
export const contentEncodings: readonly ContentEncoding[] = [
  { name: 'gzip', suffix: '.gz', codec: 'gzip' },
  { name: 'br', suffix: '.br', codec: 'br' },
  { name: 'zstd', suffix: '.zstd', codec: 'zstd' },
  { name: 'xz', suffix: '.xz', codec: 'lzma' },
  { name: 'bz2', suffix: '.bz2', codec: 'bz2' }
]

/** How to write the objects of a scale. */
export interface Compression {
  readonly encoding: ContentEncoding | undefined
  readonly codecs: readonly CodecSpec[]
}

/** Objects as they are. */
export const uncompressed: Compression = { encoding: undefined, codecs: [] }
/** Encodings of chunks that a compression around them makes smaller. */
const compressible: ReadonlySet<string> = new Set(['raw', 'compressed_segmentation', 'compresso', 'crackle'])
const levels: Readonly<Record<string, { readonly option: string; readonly default: number }>> = {
  gzip: { option: 'level', default: 5 },
  br: { option: 'quality', default: 5 },
  zstd: { option: 'level', default: 3 }
}

/**
 * The compression that the options `compress` and `compressLevel` ask for.
 *
 * @throws ERR_INVALID_ARGUMENT, ERR_UNSUPPORTED (a compression that is only read)
 */
export function compressionOf(chunkEncoding: string, compress: Json | undefined, level: Json | undefined): Compression {
  const wanted = compress === undefined ? compressible.has(chunkEncoding) : compress
  if (wanted === false || wanted === null || wanted === '') return uncompressed
  const name = wanted === true ? 'gzip' : wanted
  const encoding = contentEncodings.find((known) => known.name === name)
  if (encoding === undefined)
    throw new SourceError('ERR_INVALID_ARGUMENT', `\`compress\` is true, false, "gzip", "br" or "zstd", found ${JSON.stringify(compress)}`)
  const setting = levels[encoding.name]
  if (setting === undefined)
    throw new SourceError('ERR_UNSUPPORTED', `compression ${encoding.name} is read and not written; choose gzip, br or zstd`)
  const codec: CodecSpec = { id: encoding.codec, [setting.option]: level ?? setting.default }
  return { encoding, codecs: [codec] }
}

/** `Cache-Control` of stored objects, as CloudVolume's option `cdn_cache` says it. @throws ERR_INVALID_ARGUMENT */
export function cacheControlOf(cdnCache: Json | undefined): string {
  if (cdnCache === undefined || cdnCache === true) return 'max-age=3600, s-max-age=3600'
  if (cdnCache === false || cdnCache === 0) return 'no-cache'
  if (typeof cdnCache === 'string') return cdnCache
  if (typeof cdnCache === 'number' && cdnCache > 0) return `max-age=${cdnCache}, s-max-age=${cdnCache}`
  throw new SourceError(
    'ERR_INVALID_ARGUMENT',
    `\`cdnCache\` is true, false, seconds of at least 0 or a header, found ${JSON.stringify(cdnCache)}`
  )
}

/** `Content-Type` of a chunk. */
export function contentTypeOf(chunkEncoding: string): string {
  if (chunkEncoding === 'raw') return 'application/octet-stream'
  return chunkEncoding === 'jpeg' || chunkEncoding === 'png' || chunkEncoding === 'jxl'
    ? `image/${chunkEncoding}`
    : `image/x.${chunkEncoding}`
}
