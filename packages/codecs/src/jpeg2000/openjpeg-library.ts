// Packages that take this one from its source do not include its declaration files.
/// <reference path="./openjpeg.d.ts" />

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

/** OpenJPEG, loaded once. @throws ERR_UNSUPPORTED if the package is not installed. */
export function loadOpenJpeg(): Promise<OpenJpegLibrary> {
  loading ??= load().catch((error: unknown) => {
    loading = undefined
    const cure = 'this needs the package @cornerstonejs/codec-openjpeg: `npm install @cornerstonejs/codec-openjpeg@1.3.6`'
    throw unsupported('jpeg2000', cure, error)
  })
  return loading
}

async function load(): Promise<OpenJpegLibrary> {
  const silent = { print: () => {}, printErr: () => {} }
  const wasmBinary = await readWasm()
  // Without a way to find the file of WebAssembly, as in bundles for browsers, the slower build in one piece of JavaScript.
  const { default: factory } =
    wasmBinary === undefined
      ? await import('@cornerstonejs/codec-openjpeg/decode')
      : await import('@cornerstonejs/codec-openjpeg/decodewasmjs')
  if (typeof factory !== 'function') throw new TypeError('the package exports no factory')
  const library: unknown = await factory({ ...silent, ...(wasmBinary !== undefined && { wasmBinary }) })
  if (typeof library !== 'object' || library === null || !('J2KDecoder' in library) || typeof library.J2KDecoder !== 'function')
    throw new TypeError('the package has no J2KDecoder')
  const { J2KDecoder } = library
  return () => {
    const decoder: unknown = Reflect.construct(J2KDecoder, [])
    if (!isDecoder(decoder)) throw new TypeError('the decoder lacks methods')
    return decoder
  }
}

async function readWasm(): Promise<Uint8Array | undefined> {
  const node = typeof process === 'undefined' ? undefined : process.getBuiltinModule?.('node:module')
  const files = node === undefined ? undefined : process.getBuiltinModule?.('node:fs/promises')
  if (node === undefined || files === undefined) return undefined
  return files.readFile(node.createRequire(import.meta.url).resolve('@cornerstonejs/codec-openjpeg/decodewasm'))
}

function isDecoder(value: unknown): value is OpenJpegDecoder {
  const methods = ['getEncodedBuffer', 'decode', 'getDecodedBuffer', 'delete'] as const
  return typeof value === 'object' && value !== null && methods.every((name) => typeof Reflect.get(value, name) === 'function')
}
