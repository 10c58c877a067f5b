import { type CodecKind, describeCodec } from '@bioimage/codecs'
import { type CodecSpec, isJsonObject, type Json, SourceError } from '@bioimage/core'

const defaultCodecs: readonly CodecSpec[] = [{ id: 'zstd', level: 3 }]

type Document = Readonly<Record<string, unknown>>

/**
 * The `codecs` list of a v3 document for the option `codecs`, with the codec `bytes` where the option has none.
 *
 * @throws ERR_INVALID_ARGUMENT, ERR_UNSUPPORTED
 */
export function codecDocumentsV3(option: Json | undefined, itemSize: number): readonly Document[] {
  const { filters, bytes, compressors } = parseOption(option)
  const endian = itemSize === 1 ? {} : { endian: 'little' }
  return [...filters, bytes ?? { id: 'bytes', ...endian }, ...compressors].map((codec) => codecDocumentV3(codec, itemSize))
}

/**
 * The members `filters` and `compressor` of a v2 document for the option `codecs`.
 *
 * @throws ERR_INVALID_ARGUMENT, ERR_UNSUPPORTED
 */
export function codecDocumentsV2(
  option: Json | undefined,
  itemSize: number
): { readonly filters: readonly Document[] | null; readonly compressor: Document | null } {
  const { filters, bytes, compressors } = parseOption(option)
  if (bytes !== undefined || filters.some(({ id }) => id === 'transpose'))
    throw new SourceError(
      'ERR_UNSUPPORTED',
      `Zarr v2 has no codec ${bytes?.id ?? 'transpose'}: its byte order is little, its axis order the option \`order\``
    )
  const steps = [...filters, ...compressors].map((codec) => codecDocumentV2(codec, itemSize))
  const compressor = compressors.length === 0 ? null : (steps.pop() ?? null)
  return { filters: steps.length === 0 ? null : steps, compressor }
}

interface OrderedCodecs {
  readonly filters: readonly CodecSpec[]
  readonly bytes: CodecSpec | undefined
  readonly compressors: readonly CodecSpec[]
}

const order: readonly CodecKind[] = ['array-to-array', 'array-to-bytes', 'bytes-to-bytes']

/** The option in its three parts, which must follow one another. (Zarr v3, "Codecs".) */
function parseOption(option: Json | undefined): OrderedCodecs {
  const codecs = codecsOf(option).map((codec) => ({ codec, kind: kindOf(codec.id) }))
  for (const [at, { codec, kind }] of codecs.entries()) {
    const before = codecs[at - 1]
    if (before !== undefined && order.indexOf(kind) < order.indexOf(before.kind))
      throw invalidOption(
        `has ${codec.id} (${kind}) after ${before.codec.id} (${before.kind}); name them as they encode: filters of arrays first, compressions last`
      )
  }
  const ofKind = (wanted: CodecKind): readonly CodecSpec[] => codecs.flatMap(({ codec, kind }) => (kind === wanted ? [codec] : []))
  const [bytes, another] = ofKind('array-to-bytes')
  if (another !== undefined) throw invalidOption(`has two array-to-bytes codecs: ${bytes?.id}, ${another.id}`)
  return { filters: ofKind('array-to-array'), bytes, compressors: ofKind('bytes-to-bytes') }
}

function kindOf(id: string): CodecKind {
  const kind = describeCodec(id)?.kind
  if (kind === undefined || (kind === 'array-to-bytes' && id !== 'bytes'))
    throw new SourceError(
      'ERR_UNSUPPORTED',
      `codec ${JSON.stringify(id)} is not supported; others join by registerCodec() of @bioimage/codecs`
    )
  return kind
}

function codecsOf(option: Json | undefined): readonly CodecSpec[] {
  if (option === undefined) return defaultCodecs
  if (!Array.isArray(option)) throw invalidOption(`is a list such as [{ id: 'zstd', level: 3 }], found ${JSON.stringify(option)}`)
  return option.map((codec: Json): CodecSpec => {
    if (!isJsonObject(codec) || typeof codec.id !== 'string')
      throw invalidOption(`holds objects with an \`id\`, found ${JSON.stringify(codec)}`)
    return { ...codec, id: codec.id.replace(/^numcodecs\./, '') }
  })
}

function invalidOption(what: string): SourceError {
  return new SourceError('ERR_INVALID_ARGUMENT', `\`codecs\` ${what}`)
}

/** Codecs of the v3 specification and its registry; the others of ours are those of numcodecs. */
const namedV3: ReadonlySet<string> = new Set(['gzip', 'zstd', 'blosc', 'crc32c', 'bytes', 'transpose'])

function codecDocumentV3(codec: CodecSpec, itemSize: number): Document {
  const { id, ...options } = codec
  const configuration: Record<string, unknown> = { ...defaultOptions(id, itemSize), ...options }
  if (id === 'blosc') configuration.shuffle = shuffleName(configuration.shuffle, itemSize)
  const ofNumcodecs = !namedV3.has(id) && describeCodec(id)?.builtIn === true
  // zarr-python demands the configuration of its numcodecs codecs, also an empty one.
  if (Object.keys(configuration).length === 0 && !ofNumcodecs) return { name: id }
  return { name: ofNumcodecs ? `numcodecs.${id}` : id, configuration }
}

const shuffleNames = ['noshuffle', 'shuffle', 'bitshuffle']

/** v3 knows names alone; -1 chooses by the size of the elements. */
function shuffleName(shuffle: unknown, itemSize: number): unknown {
  const number = shuffle === -1 ? (itemSize === 1 ? 2 : 1) : shuffle
  return typeof number === 'number' ? (shuffleNames[number] ?? shuffle) : shuffle
}

/** v2 knows numbers alone. */
function shuffleNumber(shuffle: unknown): unknown {
  const number = typeof shuffle === 'string' ? shuffleNames.indexOf(shuffle) : -1
  return number < 0 ? shuffle : number
}

function codecDocumentV2(codec: CodecSpec, itemSize: number): Document {
  const { id, checksum: _checksum, typesize: _typesize, ...options } = codec
  const configuration: Record<string, unknown> = { ...defaultOptions(id, itemSize), ...options }
  delete configuration.checksum
  delete configuration.typesize
  if (id === 'blosc') configuration.shuffle = shuffleNumber(configuration.shuffle)
  return { id, ...configuration }
}

/** Members that reference readers demand. */
function defaultOptions(id: string, itemSize: number): Record<string, Json> {
  switch (id) {
    case 'gzip':
    case 'zlib':
      return { level: 5 }
    case 'zstd':
      return { level: 3, checksum: false }
    case 'blosc':
      return { cname: 'lz4', clevel: 5, shuffle: itemSize === 1 ? 'bitshuffle' : 'shuffle', typesize: itemSize, blocksize: 0 }
    default:
      return {}
  }
}
