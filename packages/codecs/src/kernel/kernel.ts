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
  const instantiate = async (): Promise<KernelParts> => {
    const memory = new WebAssembly.Memory({ initial: 16 })
    const instance = await WebAssembly.instantiate(module, { env: { memory } })
    return { functions: parseExports(instance.exports), scratch: new Scratch(wasmMemory(memory)) }
  }
  return new RenewedKernel(await instantiate(), instantiate)
}

/** The kernel in TypeScript, with its own memory. */
export async function createScalarKernel(): Promise<Kernel> {
  const { scalarFunctions } = await import('./scalar/functions.js')
  const create = (): KernelParts => {
    const memory = plainMemory()
    return { functions: scalarFunctions(() => memory.bytes), scratch: new Scratch(memory) }
  }
  return new RenewedKernel(create(), create)
}

interface KernelParts {
  readonly functions: KernelFunctions
  readonly scratch: Scratch
}

/** Memory up to this size is kept for good. */
const keptBytes = 64 << 20
/** Larger memory goes when so little of it was used for so long. */
const idleMs = 2000
const idleFraction = 1 / 2

/**
 * A kernel whose memory grows, as that of WebAssembly does, but which takes a new one some time after an unusually large chunk. That
 * happens between two pieces of work, each of which is synchronous: who holds the kernel asks it for its parts anew for each.
 */
class RenewedKernel implements Kernel {
  #parts: ReadyParts
  readonly #create: () => KernelParts | Promise<KernelParts>
  #isWatching = false

  constructor(parts: KernelParts, create: () => KernelParts | Promise<KernelParts>) {
    this.#create = create
    this.#parts = this.#reserve(parts)
  }

  get functions(): KernelFunctions {
    return this.#parts.functions
  }

  get scratch(): Scratch {
    return this.#parts.scratch
  }

  crcTables(polynomial: number): number {
    const tables = this.#parts.tables.find((candidate) => candidate.polynomial === polynomial)
    if (tables === undefined) throw new TypeError(`No tables are reserved for the polynomial ${polynomial}`)
    if (!tables.built) this.functions.crcTables(polynomial, tables.offset)
    tables.built = true
    return tables.offset
  }

  #reserve({ functions, scratch }: KernelParts): ReadyParts {
    // Reserved now, below every mark, since places taken later are released.
    const tables = [0x82f63b78, 0xedb88320].map((polynomial) => ({
      polynomial,
      offset: scratch.allocate(functions.crcTablesSize()),
      built: false
    }))
    scratch.onRelease = () => {
      if (scratch.bytes.byteLength > keptBytes) this.#watch()
    }
    return { functions, scratch, tables, base: scratch.mark() }
  }

  #watch(): void {
    if (this.#isWatching) return
    this.#isWatching = true
    this.scratch.takeUse()
    const timer = setTimeout(() => {
      void this.#renewIfIdle().finally(() => {
        this.#isWatching = false
        if (this.scratch.bytes.byteLength > keptBytes) this.#watch()
      })
    }, idleMs)
    // Nobody waits for this.
    if (typeof timer === 'object') timer.unref()
  }

  async #renewIfIdle(): Promise<void> {
    const { scratch, base, tables } = this.#parts
    if (scratch.takeUse() > scratch.bytes.byteLength * idleFraction) return
    const parts = await this.#create()
    if (scratch.mark() !== base) return
    this.#parts = this.#reserve(parts)
    // Codecs keep where the tables lie.
    for (const { polynomial, built } of tables) if (built) this.crcTables(polynomial)
  }
}

interface ReadyParts extends KernelParts {
  readonly tables: readonly CrcTables[]
  /** Where the places begin that work takes. */
  readonly base: number
}

interface CrcTables {
  readonly polynomial: number
  readonly offset: number
  built: boolean
}

// A loop is six times as fast as Uint8Array.from with a mapping function.
function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text)
  const bytes = new Uint8Array(binary.length)
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index)
  return bytes
}
