import { SourceError } from '@bioimage/core'
import type { CreateStep } from './codec-step.js'
import { type Codec, customStep } from './custom-codec.js'

interface CodecEntry {
  readonly encodes: boolean
  readonly load: () => Promise<CreateStep>
}

// Each codec is a module of its own that only a chain naming it loads.
const builtIn: Readonly<Record<string, CodecEntry>> = {
  adler32: { encodes: true, load: async () => (await import('./codecs/checksum32.js')).createAdler32 },
  astype: { encodes: true, load: async () => (await import('./codecs/astype.js')).createAstype },
  bitround: { encodes: true, load: async () => (await import('./codecs/bitround.js')).createBitround },
  bitshuffle: { encodes: true, load: async () => (await import('./codecs/bitshuffle.js')).createBitshuffle },
  blosc: { encodes: true, load: async () => (await import('./codecs/blosc.js')).createBlosc },
  br: { encodes: true, load: async () => (await import('./codecs/brotli.js')).createBrotli },
  bytes: { encodes: true, load: async () => (await import('./codecs/bytes.js')).createBytes },
  bz2: { encodes: false, load: async () => (await import('./codecs/bz2.js')).createBz2 },
  compressed_segmentation: {
    encodes: true,
    load: async () => (await import('./codecs/compressed-segmentation.js')).createCompressedSegmentation
  },
  compresso: { encodes: false, load: async () => (await import('./codecs/compresso.js')).createCompresso },
  content_encoding: { encodes: true, load: async () => (await import('./codecs/content-encoding.js')).createContentEncoding },
  crc32: { encodes: true, load: async () => (await import('./codecs/checksum32.js')).createCrc32 },
  crc32c: { encodes: true, load: async () => (await import('./codecs/checksum32.js')).createCrc32c },
  deflate: { encodes: true, load: async () => (await import('./codecs/zlib-family.js')).createDeflate },
  delta: { encodes: true, load: async () => (await import('./codecs/delta.js')).createDelta },
  fixedscaleoffset: { encodes: true, load: async () => (await import('./codecs/fixed-scale-offset.js')).createFixedScaleOffset },
  fletcher32: { encodes: true, load: async () => (await import('./codecs/checksum32.js')).createFletcher32 },
  gzip: { encodes: true, load: async () => (await import('./codecs/zlib-family.js')).createGzip },
  fill_order: { encodes: true, load: async () => (await import('./codecs/fill-order.js')).createFillOrder },
  jpeg: { encodes: false, load: async () => (await import('./codecs/jpeg.js')).createJpeg },
  lz4: { encodes: true, load: async () => (await import('./codecs/lz4.js')).createLz4 },
  lzf: { encodes: false, load: async () => (await import('./codecs/lzf.js')).createLzf },
  lzma: { encodes: false, load: async () => (await import('./codecs/lzma.js')).createLzma },
  lzw: { encodes: true, load: async () => (await import('./codecs/lzw.js')).createLzw },
  n5_block: { encodes: true, load: async () => (await import('./codecs/n5-block.js')).createN5Block },
  packbits: { encodes: true, load: async () => (await import('./codecs/packbits.js')).createPackbits },
  packed_integers: { encodes: false, load: async () => (await import('./codecs/packed-integers.js')).createPackedIntegers },
  quantize: { encodes: true, load: async () => (await import('./codecs/quantize.js')).createQuantize },
  shuffle: { encodes: true, load: async () => (await import('./codecs/shuffle.js')).createShuffle },
  tiff_packbits: { encodes: false, load: async () => (await import('./codecs/tiff-packbits.js')).createTiffPackbits },
  tiff_predictor: { encodes: true, load: async () => (await import('./codecs/tiff-predictor.js')).createTiffPredictor },
  transpose: { encodes: true, load: async () => (await import('./codecs/transpose.js')).createTranspose },
  truncate: { encodes: true, load: async () => (await import('./codecs/truncate.js')).createTruncate },
  zlib: { encodes: true, load: async () => (await import('./codecs/zlib-family.js')).createZlib },
  zstd: { encodes: true, load: async () => (await import('./codecs/zstd.js')).createZstd }
}

const custom = new Map<string, CodecEntry>()

/** Zarr v3 knows the codecs of numcodecs by this prefix. */
const prefix = 'numcodecs.'

function find(id: string): CodecEntry | undefined {
  const name = id.startsWith(prefix) ? id.slice(prefix.length) : id
  return (Object.hasOwn(builtIn, name) ? builtIn[name] : undefined) ?? custom.get(id) ?? custom.get(name)
}

/**
 * Adds a codec of your own under `id`; `load` runs at its first use.
 *
 * @throws ERR_DUPLICATE_KIND if the id is taken.
 */
export function registerCodec(id: string, load: () => Promise<Codec>, options: { readonly encodes?: boolean } = {}): void {
  if (find(id) !== undefined) throw new SourceError('ERR_DUPLICATE_KIND', `A codec "${id}" is registered already`)
  custom.set(id, {
    encodes: options.encodes ?? true,
    load: async () => {
      const codec = await load()
      return (spec) => customStep(codec, spec)
    }
  })
}

/** Whether a codec of this id is known. `numcodecs.gzip` and `gzip` are the same codec. */
export function hasCodec(id: string): boolean {
  return find(id) !== undefined
}

/** Whether the codec is known and can also encode. */
export function canEncode(id: string): boolean {
  return find(id)?.encodes ?? false
}

/** The ids of all codecs, sorted. */
export function codecIds(): string[] {
  return [...Object.keys(builtIn), ...custom.keys()].sort()
}

/** Loads a codec. */
export async function resolveCodec(id: string): Promise<CreateStep> {
  const entry = find(id)
  if (entry === undefined) {
    throw new SourceError('ERR_UNSUPPORTED', `Unknown codec "${id}". Known: ${codecIds().join(', ')}. Others join by registerCodec().`)
  }
  return entry.load()
}
