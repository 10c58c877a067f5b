/**
 * The codecs of image files and of pieces of volumes that are stored like them: importing this entry adds them.
 *
 * @module
 */
import { addFamily, arrayToArray, arrayToBytes, bytesToBytes } from './registry.js'

addFamily({
  br: { kind: bytesToBytes, encodes: true, load: async () => (await import('./codecs/brotli.js')).createBrotli },
  ccitt: { kind: arrayToBytes, encodes: false, load: async () => (await import('./codecs/ccitt.js')).createCcitt },
  compressed_segmentation: {
    kind: arrayToBytes,
    encodes: true,
    load: async () => (await import('./codecs/compressed-segmentation.js')).createCompressedSegmentation
  },
  compresso: { kind: arrayToBytes, encodes: false, load: async () => (await import('./codecs/compresso.js')).createCompresso },
  content_encoding: {
    kind: bytesToBytes,
    encodes: true,
    load: async () => (await import('./codecs/content-encoding.js')).createContentEncoding
  },
  fill_order: { kind: bytesToBytes, encodes: true, load: async () => (await import('./codecs/fill-order.js')).createFillOrder },
  jpeg: { kind: arrayToBytes, encodes: true, load: async () => (await import('./codecs/jpeg.js')).createJpeg },
  jpeg2000: { kind: arrayToBytes, encodes: false, load: async () => (await import('./codecs/jpeg2000.js')).createJpeg2000 },
  jxl: { kind: arrayToBytes, encodes: false, load: async () => (await import('./codecs/jxl.js')).createJxl },
  lzw: { kind: bytesToBytes, encodes: true, load: async () => (await import('./codecs/lzw.js')).createLzw },
  packed_integers: {
    kind: arrayToBytes,
    encodes: false,
    load: async () => (await import('./codecs/packed-integers.js')).createPackedIntegers
  },
  png: { kind: arrayToBytes, encodes: true, load: async () => (await import('./codecs/png.js')).createPng },
  snappy: { kind: bytesToBytes, encodes: false, load: async () => (await import('./codecs/snappy.js')).createSnappy },
  tiff_packbits: { kind: bytesToBytes, encodes: false, load: async () => (await import('./codecs/tiff-packbits.js')).createTiffPackbits },
  tiff_predictor: { kind: arrayToArray, encodes: true, load: async () => (await import('./codecs/tiff-predictor.js')).createTiffPredictor },
  truncate: { kind: bytesToBytes, encodes: true, load: async () => (await import('./codecs/truncate.js')).createTruncate },
  zip: { kind: bytesToBytes, encodes: false, load: async () => (await import('./codecs/zip.js')).createZip }
})
