import { type CodecSpec, isJsonObject, type Json, type JsonObject, SourceError } from '@bioimage/core'

/** A compression: its member of the document, and the codec behind it. */
export interface Compression {
  readonly document: JsonObject
  /** `undefined` for `raw`. */
  readonly codec: CodecSpec | undefined
}

/** What a compression is written with where nothing is said. z5 and zarr-python demand every member. */
const defaults: Readonly<Record<string, JsonObject>> = {
  raw: {},
  gzip: { level: 5, useZlib: false },
  bzip2: { blockSize: 8 },
  xz: { preset: 6 },
  lz4: { blockSize: 65536 },
  blosc: { cname: 'lz4', clevel: 5, shuffle: 1, blocksize: 0 },
  zstd: { level: 3 }
}

/**
 * The `compression` of a data set; version 0 of the format has the name alone, as `compressionType`.
 *
 * @param itemSize Bytes of one element, which Blosc shuffles.
 * @throws ERR_UNSUPPORTED naming a compression that the format does not have, ERR_CORRUPT_DATA
 */
export function parseCompression(compression: Json | undefined, compressionType: Json | undefined, itemSize: number): Compression {
  const given = compression ?? compressionType
  const document = typeof given === 'string' ? { type: given } : given
  if (!isJsonObject(document) || typeof document.type !== 'string') {
    throw new SourceError(
      'ERR_CORRUPT_DATA',
      `\`compression\` is an object with a \`type\`, found ${JSON.stringify(given)?.slice(0, 200) ?? 'none'}`
    )
  }
  return { document, codec: codecOf(document.type, document, itemSize) }
}

/**
 * A compression to write: a name such as `"gzip"`, or an object such as `{ type: 'gzip', level: 3 }`. Defaults to gzip.
 *
 * @throws ERR_INVALID_ARGUMENT, ERR_UNSUPPORTED
 */
export function chooseCompression(option: Json | undefined, itemSize: number): Compression {
  const given = option === undefined ? 'gzip' : option
  const asked = typeof given === 'string' ? { type: given } : given
  if (!isJsonObject(asked) || typeof asked.type !== 'string') {
    throw new SourceError(
      'ERR_INVALID_ARGUMENT',
      `\`compression\` is a name or an object such as { type: 'gzip', level: 5 }, found ${JSON.stringify(given)}`
    )
  }
  const { type, ...options } = asked
  const known = Object.hasOwn(defaults, type) ? defaults[type] : undefined
  const unknown = Object.keys(options).find((name) => known !== undefined && !Object.hasOwn(known, name))
  if (unknown !== undefined) {
    throw new SourceError('ERR_INVALID_ARGUMENT', `compression ${JSON.stringify(type)} has no member ${JSON.stringify(unknown)}`)
  }
  const document = { type, ...known, ...options }
  return { document, codec: codecOf(type, document, itemSize) }
}

function codecOf(type: string, document: JsonObject, itemSize: number): CodecSpec | undefined {
  switch (type) {
    case 'raw':
      return undefined
    case 'gzip':
      return { id: document.useZlib === true ? 'zlib' : 'gzip', level: integerIn(document.level, -1, 9, -1) }
    case 'bzip2':
      return { id: 'bz2' }
    case 'xz':
      return { id: 'lzma', format: 1 }
    case 'lz4':
      // z5 keeps its level under this name.
      return { id: 'lz4', framing: 'java', blockSize: integerIn(document.blockSize, 64, 2 ** 25, 65536) }
    case 'blosc':
      return {
        id: 'blosc',
        cname: document.cname ?? 'lz4',
        clevel: integerIn(document.clevel, 0, 9, 5),
        shuffle: integerIn(document.shuffle, 0, 2, 1),
        blocksize: integerIn(document.blocksize, 0, 2 ** 31 - 1, 0),
        typesize: itemSize
      }
    case 'zstd':
      return { id: 'zstd', level: integerIn(document.level, -7, 22, 3) }
    default:
      throw new SourceError(
        'ERR_UNSUPPORTED',
        `compression ${JSON.stringify(type)} is not supported; supported are ${Object.keys(defaults).join(', ')}`
      )
  }
}

/** Options only matter for writing: one that makes no sense is no reason not to read. */
function integerIn(value: Json | undefined, least: number, most: number, fallback: number): number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most ? value : fallback
}
