import { type KernelFunctions, parseExports } from './kernel-functions.js'
import { plainMemory, wasmMemory } from './kernel-memory.js'
import { Scratch } from './scratch.js'

/** Functions over one memory, and the places in that memory. Everything it does is synchronous. */
export interface Kernel {
  readonly functions: KernelFunctions
  readonly scratch: Scratch
  /** Offset of the tables of a reflected CRC polynomial, built at first use and kept. */
  crcTables(polynomial: number): number
}

let loading: Promise<Kernel> | undefined
let loaded: Kernel | undefined

/** The kernel of this thread if it is there already. */
export function loadedKernel(): Kernel | undefined {
  return loaded
}

/** The kernel of this thread: in WebAssembly where that has SIMD and is allowed, else in TypeScript. */
export function loadKernel(): Promise<Kernel> {
  loading ??= createKernel().catch((error: unknown) => {
    loading = undefined
    throw error
  })
  return loading
}

async function createKernel(): Promise<Kernel> {
  loaded = (await createWasmKernel()) ?? (await createScalarKernel())
  return loaded
}

/** A kernel in WebAssembly with its own memory, or `undefined` where the runtime cannot run it. */
export async function createWasmKernel(): Promise<Kernel | undefined> {
  if (typeof WebAssembly === 'undefined') return undefined
  const { kernelWasm } = await import('./kernel-wasm.generated.js')
  const wasm = fromBase64(kernelWasm)
  if (!WebAssembly.validate(wasm)) return undefined
  const module = await WebAssembly.compile(wasm).catch((error: unknown) => {
    // A content security policy without 'wasm-unsafe-eval' ends here.
    if (error instanceof WebAssembly.CompileError) return undefined
    throw error
  })
  if (module === undefined) return undefined
  const memory = new WebAssembly.Memory({ initial: 16 })
  const instance = await WebAssembly.instantiate(module, { env: { memory } })
  return assemble(parseExports(instance.exports), new Scratch(wasmMemory(memory)))
}

/** The kernel in TypeScript, with its own memory. */
export async function createScalarKernel(): Promise<Kernel> {
  const { scalarFunctions } = await import('./scalar/functions.js')
  const memory = plainMemory()
  return assemble(
    scalarFunctions(() => memory.bytes),
    new Scratch(memory)
  )
}

function assemble(functions: KernelFunctions, scratch: Scratch): Kernel {
  // Reserved now, below every mark, since places taken later are released.
  const reserved = [0x82f63b78, 0xedb88320].map((polynomial) => ({
    polynomial,
    offset: scratch.allocate(functions.crcTablesSize()),
    built: false
  }))
  return {
    functions,
    scratch,
    crcTables(polynomial: number): number {
      const tables = reserved.find((candidate) => candidate.polynomial === polynomial)
      if (tables === undefined) throw new TypeError(`No tables are reserved for the polynomial ${polynomial}`)
      if (!tables.built) functions.crcTables(polynomial, tables.offset)
      tables.built = true
      return tables.offset
    }
  }
}

// A loop is six times as fast as Uint8Array.from with a mapping function.
function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text)
  const bytes = new Uint8Array(binary.length)
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index)
  return bytes
}
