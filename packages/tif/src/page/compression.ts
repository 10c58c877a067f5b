/** A way of storing segments. */
export interface Compression {
  readonly name: string
  /** Codec of `@bioimage/codecs`; `undefined` for those that are not read. */
  readonly codec: string | undefined
  /** Whether it stores images: samples come in the machine's order, and the order of bits is its own matter. */
  readonly image?: boolean | undefined
}

/** Values of the field Compression. */
export const compressions: Readonly<Record<number, Compression>> = {
  1: { name: 'none', codec: undefined },
  2: { name: 'CCITT modified Huffman', codec: 'ccitt' },
  3: { name: 'CCITT group 3 fax', codec: 'ccitt' },
  4: { name: 'CCITT group 4 fax', codec: 'ccitt' },
  5: { name: 'LZW', codec: 'lzw' },
  6: { name: 'old-style JPEG', codec: undefined },
  7: { name: 'JPEG', codec: 'jpeg', image: true },
  8: { name: 'deflate', codec: 'zlib' },
  9: { name: 'JBIG black and white', codec: undefined },
  10: { name: 'JBIG color', codec: undefined },
  22610: { name: 'JPEG XR', codec: undefined, image: true },
  32766: { name: 'NeXT RLE', codec: undefined },
  32771: { name: 'CCITT RLE with words', codec: undefined },
  32773: { name: 'PackBits', codec: 'tiff_packbits' },
  32809: { name: 'ThunderScan', codec: undefined },
  32908: { name: 'PIXAR film', codec: undefined },
  32909: { name: 'PIXAR log', codec: undefined },
  32946: { name: 'deflate', codec: 'zlib' },
  33003: { name: 'JPEG 2000 (Aperio YCbCr)', codec: undefined, image: true },
  33004: { name: 'JPEG 2000 (lossy)', codec: undefined, image: true },
  33005: { name: 'JPEG 2000 (Aperio RGB)', codec: 'jpeg2000', image: true },
  33007: { name: 'JPEG', codec: 'jpeg', image: true },
  34661: { name: 'JBIG', codec: undefined },
  34676: { name: 'SGI log luminance', codec: undefined },
  34677: { name: 'SGI log 24-bit', codec: undefined },
  34712: { name: 'JPEG 2000', codec: 'jpeg2000', image: true },
  34887: { name: 'LERC', codec: 'lerc' },
  34892: { name: 'lossy JPEG', codec: 'jpeg', image: true },
  34925: { name: 'LZMA', codec: 'lzma' },
  34926: { name: 'zstd', codec: 'zstd' },
  34927: { name: 'WebP', codec: undefined, image: true },
  34933: { name: 'PNG', codec: 'png', image: true },
  34934: { name: 'JPEG XR', codec: undefined, image: true },
  50000: { name: 'zstd', codec: 'zstd' },
  50001: { name: 'WebP', codec: undefined, image: true },
  50002: { name: 'JPEG XL', codec: undefined, image: true },
  52546: { name: 'JPEG XL', codec: undefined, image: true },
  65000: { name: 'EER', codec: undefined },
  65001: { name: 'EER', codec: undefined },
  65002: { name: 'EER', codec: undefined }
}

/** Name of a compression for messages and lists. */
export function compressionName(code: number): string {
  return compressions[code]?.name ?? `compression ${code}`
}
