import { unsupported } from '../codec-errors.js'

/** An image of the library. */
export interface JxlOxideImage {
  feedBytes(bytes: Uint8Array): number
  /** Whether the bytes so far hold the header, from which on the size is known. */
  tryInit(): boolean
  readonly width: number | undefined
  readonly height: number | undefined
  readonly loaded: boolean
  render(): { encodeToPng(): Uint8Array }
  free(): void
}

export type JxlOxideLibrary = () => JxlOxideImage

let loading: Promise<JxlOxideLibrary> | undefined

/** jxl-oxide, loaded once. @throws ERR_UNSUPPORTED if the package or its WebAssembly is not there. */
export function loadJxlOxide(): Promise<JxlOxideLibrary> {
  loading ??= load().catch((error: unknown) => {
    loading = undefined
    const cure = 'this needs the package jxl-oxide-wasm, `npm install jxl-oxide-wasm@0.12.5`, and its WebAssembly beside it in bundles'
    throw unsupported('jxl', cure, error)
  })
  return loading
}

async function load(): Promise<JxlOxideLibrary> {
  const { default: initialize, initSync, JxlImage } = await import('jxl-oxide-wasm')
  const node = typeof process === 'undefined' ? undefined : process.getBuiltinModule?.('node:module')
  const files = node === undefined ? undefined : process.getBuiltinModule?.('node:fs/promises')
  // The library fetches its WebAssembly by a URL, which Node cannot for files. Its package names that file to `import` alone.
  if (node === undefined || files === undefined) await initialize()
  else {
    const description = node.createRequire(import.meta.url).resolve('jxl-oxide-wasm/package.json')
    initSync({ module: await files.readFile(description.replace(/package\.json$/, 'jxl_oxide_wasm_bg.wasm')) })
  }
  return () => new JxlImage()
}
