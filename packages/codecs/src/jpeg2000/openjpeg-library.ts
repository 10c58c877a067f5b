import { unsupported } from '../codec-errors.js'

/** A decoder of the library for one image. */
export interface OpenJpegDecoder {
  getEncodedBuffer(byteLength: number): Uint8Array
  decode(): void
  getDecodedBuffer(): Uint8Array
  /** Frees its memory. */
  delete(): void
}

export type OpenJpegLibrary = () => OpenJpegDecoder

let loading: Promise<OpenJpegLibrary> | undefined

/** OpenJPEG, loaded once. @throws ERR_UNSUPPORTED if the package is not installed, and in browsers. */
export function loadOpenJpeg(): Promise<OpenJpegLibrary> {
  loading ??= load().catch((error: unknown) => {
    loading = undefined
    const cure = 'this needs Node and the package @cornerstonejs/codec-openjpeg: `npm install @cornerstonejs/codec-openjpeg@1.3.6`'
    throw unsupported('jpeg2000', cure, error)
  })
  return loading
}

/**
 * Bundlers for browsers fail on the package, which names modules of Node: it is loaded so that they do not see it, and read from
 * the file system with its WebAssembly.
 */
async function load(): Promise<OpenJpegLibrary> {
  const node = typeof process === 'undefined' ? undefined : process.getBuiltinModule?.('node:module')
  const files = node === undefined ? undefined : process.getBuiltinModule?.('node:fs/promises')
  if (node === undefined || files === undefined) throw new TypeError('this is not Node')
  const require = node.createRequire(import.meta.url)
  const wasmBinary = await files.readFile(require.resolve('@cornerstonejs/codec-openjpeg/decodewasm'))
  const factory: unknown = require('@cornerstonejs/codec-openjpeg/decodewasmjs')
  if (typeof factory !== 'function') throw new TypeError('the package exports no factory')
  const library: unknown = await factory({ print: () => {}, printErr: () => {}, wasmBinary })
  if (typeof library !== 'object' || library === null || !('J2KDecoder' in library) || typeof library.J2KDecoder !== 'function')
    throw new TypeError('the package has no J2KDecoder')
  const { J2KDecoder } = library
  return () => {
    const decoder: unknown = Reflect.construct(J2KDecoder, [])
    if (!isDecoder(decoder)) throw new TypeError('the decoder lacks methods')
    return decoder
  }
}

function isDecoder(value: unknown): value is OpenJpegDecoder {
  const methods = ['getEncodedBuffer', 'decode', 'getDecodedBuffer', 'delete'] as const
  return typeof value === 'object' && value !== null && methods.every((name) => typeof Reflect.get(value, name) === 'function')
}
