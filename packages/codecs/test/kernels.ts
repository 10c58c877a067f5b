import { createScalarKernel, createWasmKernel, type Kernel } from '../src/kernel/kernel.js'

/** Both kernels, each with a memory of its own. The runtimes of the tests have WebAssembly with SIMD. */
export async function bothKernels(): Promise<{ readonly scalar: Kernel; readonly wasm: Kernel }> {
  const wasm = await createWasmKernel()
  if (wasm === undefined) throw new Error('This runtime has no WebAssembly with SIMD')
  return { scalar: await createScalarKernel(), wasm }
}

/** Random numbers that are the same in every run. */
export class SeededRandom {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** An integer from 0 to `limit` - 1 (mulberry32). */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let value = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61)
    return ((value ^ (value >>> 14)) >>> 0) % limit
  }

  /** Bytes of several kinds: noise, runs, repeated phrases of every distance, mixtures. */
  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length)
    let position = 0
    while (position < length) {
      const run = Math.min(length - position, 1 + this.below(120))
      const kind = this.below(3)
      if (kind === 0) {
        for (let index = 0; index < run; index++) bytes[position + index] = this.below(256)
      } else if (kind === 1 || position === 0) {
        bytes.fill(this.below(256), position, position + run)
      } else {
        const distance = 1 + this.below(this.below(2) === 0 ? Math.min(position, 40) : position)
        for (let index = 0; index < run; index++) bytes[position + index] = bytes[position + index - distance]!
      }
      position += run
    }
    return bytes
  }
}
