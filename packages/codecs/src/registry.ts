import { SourceError } from '@bioimage/core'
import { invalid } from './codec-errors.js'
import type { CreateStep } from './codec-step.js'
import { type Codec, customStep } from './custom-codec.js'

/** What a codec takes and gives, by the terms of Zarr v3. In a chain those of arrays come first, those of bytes last. */
export type CodecKind = 'array-to-array' | 'array-to-bytes' | 'bytes-to-bytes'

/** What is known of a codec before it is loaded. */
export interface CodecDescription {
  readonly kind: CodecKind
  /** Whether it can also encode. */
  readonly encodes: boolean
  /** Whether it is one of this package, not added by {@link registerCodec}. */
  readonly builtIn: boolean
}

interface CodecEntry {
  readonly kind: CodecKind
  readonly encodes: boolean
  readonly load: () => Promise<CreateStep>
}

/** Codecs by their ids. */
export type CodecTable = Readonly<Record<string, CodecEntry>>

export const arrayToArray = 'array-to-array'
export const arrayToBytes = 'array-to-bytes'
export const bytesToBytes = 'bytes-to-bytes'
const kinds: readonly string[] = [arrayToArray, arrayToBytes, bytesToBytes] satisfies CodecKind[]

// Each codec is a module of its own that only a chain naming it loads. Those that only some formats have join by `addFamily`: bundlers
// list every module that may be loaded in the first download.
const builtIn: CodecTable = {
  adler32: { kind: bytesToBytes, encodes: true, load: async () => (await import('./codecs/checksum32.js')).createAdler32 },
  astype: { kind: arrayToArray, encodes: true, load: async () => (await import('./codecs/astype.js')).createAstype },
  bitround: { kind: arrayToArray, encodes: true, load: async () => (await import('./codecs/bitround.js')).createBitround },
  bitshuffle: { kind: bytesToBytes, encodes: true, load: async () => (await import('./codecs/bitshuffle.js')).createBitshuffle },
  blosc: { kind: bytesToBytes, encodes: true, load: async () => (await import('./codecs/blosc.js')).createBlosc },
  bytes: { kind: arrayToBytes, encodes: true, load: async () => (await import('./codecs/bytes.js')).createBytes },
  bz2: { kind: bytesToBytes, encodes: false, load: async () => (await import('./codecs/bz2.js')).createBz2 },
  crc32: { kind: bytesToBytes, encodes: true, load: async () => (await import('./codecs/checksum32.js')).createCrc32 },
  crc32c: { kind: bytesToBytes, encodes: true, load: async () => (await import('./codecs/checksum32.js')).createCrc32c },
  deflate: { kind: bytesToBytes, encodes: true, load: async () => (await import('./codecs/zlib-family.js')).createDeflate },
  delta: { kind: arrayToArray, encodes: true, load: async () => (await import('./codecs/delta.js')).createDelta },
  fixedscaleoffset: {
    kind: arrayToArray,
    encodes: true,
    load: async () => (await import('./codecs/fixed-scale-offset.js')).createFixedScaleOffset
  },
  fletcher32: { kind: bytesToBytes, encodes: true, load: async () => (await import('./codecs/checksum32.js')).createFletcher32 },
  gzip: { kind: bytesToBytes, encodes: true, load: async () => (await import('./codecs/zlib-family.js')).createGzip },
  lz4: { kind: bytesToBytes, encodes: true, load: async () => (await import('./codecs/lz4.js')).createLz4 },
  lzf: { kind: bytesToBytes, encodes: false, load: async () => (await import('./codecs/lzf.js')).createLzf },
  lzma: { kind: bytesToBytes, encodes: false, load: async () => (await import('./codecs/lzma.js')).createLzma },
  n5_block: { kind: arrayToBytes, encodes: true, load: async () => (await import('./codecs/n5-block.js')).createN5Block },
  packbits: { kind: arrayToArray, encodes: true, load: async () => (await import('./codecs/packbits.js')).createPackbits },
  quantize: { kind: arrayToArray, encodes: true, load: async () => (await import('./codecs/quantize.js')).createQuantize },
  shuffle: { kind: bytesToBytes, encodes: true, load: async () => (await import('./codecs/shuffle.js')).createShuffle },
  transpose: { kind: arrayToArray, encodes: true, load: async () => (await import('./codecs/transpose.js')).createTranspose },
  zlib: { kind: bytesToBytes, encodes: true, load: async () => (await import('./codecs/zlib-family.js')).createZlib },
  zstd: { kind: bytesToBytes, encodes: true, load: async () => (await import('./codecs/zstd.js')).createZstd }
}

const families = new Map<string, CodecEntry>()
const custom = new Map<string, CodecEntry>()

/** Adds the codecs of a family, at the import of its entry. */
export function addFamily(codecs: CodecTable): void {
  for (const [id, entry] of Object.entries(codecs)) families.set(id, entry)
}

/** Zarr v3 knows the codecs of numcodecs by this prefix. */
const prefix = 'numcodecs.'

function find(id: string): CodecEntry | undefined {
  const name = id.startsWith(prefix) ? id.slice(prefix.length) : id
  return (Object.hasOwn(builtIn, name) ? builtIn[name] : undefined) ?? families.get(name) ?? custom.get(id) ?? custom.get(name)
}

/** Options of {@link registerCodec}. */
export interface RegisterCodecOptions {
  /** Where the codec may stand in a chain. Defaults to `bytes-to-bytes`: a compression or checksum. */
  readonly kind?: CodecKind | undefined
  /** Whether it can also encode. Defaults to true. */
  readonly encodes?: boolean | undefined
}

/**
 * Adds a codec of your own under `id`, the name that documents call it by; `load` runs at its first use.
 *
 * @throws ERR_DUPLICATE_KIND if the id is taken, ERR_INVALID_ARGUMENT.
 */
export function registerCodec(id: string, load: () => Promise<Codec>, options: RegisterCodecOptions = {}): void {
  const { kind = bytesToBytes, encodes = true } = options
  if (typeof id !== 'string' || id === '') throw invalid('registerCodec', `the id is ${describe(id)}, expected a name`)
  if (typeof load !== 'function') throw invalid(id, `\`load\` is ${describe(load)}, expected a function`)
  if (!kinds.includes(kind)) throw invalid(id, `\`kind\` is ${describe(kind)}, expected one of ${kinds.join(', ')}`)
  if (typeof encodes !== 'boolean') throw invalid(id, `\`encodes\` is ${describe(encodes)}, expected true or false`)
  if (find(id) !== undefined) throw new SourceError('ERR_DUPLICATE_KIND', `A codec "${id}" is registered already`)
  custom.set(id, {
    kind,
    encodes,
    load: async () => {
      const codec: unknown = await load()
      if (!isCodec(codec)) throw invalid(id, '`load` gave no codec: an object with a function `decode`')
      if (encodes && codec.encode === undefined) throw invalid(id, 'it has no function `encode`; register it with `encodes: false`')
      return (spec) => customStep(codec, spec)
    }
  })
}

function isCodec(value: unknown): value is Codec {
  if (typeof value !== 'object' || value === null || !('decode' in value) || typeof value.decode !== 'function') return false
  return !('encode' in value) || value.encode === undefined || typeof value.encode === 'function'
}

function describe(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : value === null ? 'null' : typeof value
}

/** Kind and abilities of a codec; `undefined` for one that is not known. */
export function describeCodec(id: string): CodecDescription | undefined {
  const entry = find(id)
  return entry && { kind: entry.kind, encodes: entry.encodes, builtIn: ![...custom.values()].includes(entry) }
}

/** Whether a codec of this id is known. `numcodecs.gzip` and `gzip` are the same codec. */
export function hasCodec(id: string): boolean {
  return find(id) !== undefined
}

/** Whether the codec is known and can also encode. */
export function canEncode(id: string): boolean {
  return find(id)?.encodes ?? false
}

/** The ids of all codecs, sorted; of families those that are imported. */
export function codecIds(): string[] {
  return [...Object.keys(builtIn), ...families.keys(), ...custom.keys()].sort()
}

/** Loads a codec. */
export async function resolveCodec(id: string): Promise<CreateStep> {
  const entry = find(id)
  if (entry === undefined) {
    const others = "others join by registerCodec(), or by `import '@bioimage/codecs/image'` and `import '@bioimage/codecs/hdf5'`"
    throw new SourceError('ERR_UNSUPPORTED', `Unknown codec "${id}". Known: ${codecIds().join(', ')}; ${others}`)
  }
  return entry.load()
}
