import { kernelWasm } from '../../src/kernel/kernel-wasm.generated.js'

export type KernelExports = Record<string, (...values: number[]) => number>

/** The functions of the kernel over a memory of the test's own, without the checks and copies of the codec. */
export async function loadKernelOver(memory: WebAssembly.Memory): Promise<KernelExports> {
  const module = await WebAssembly.compile(Buffer.from(kernelWasm, 'base64'))
  const instance = await WebAssembly.instantiate(module, { env: { memory } })
  return Object.fromEntries(
    Object.entries(instance.exports).flatMap(([name, value]) =>
      typeof value === 'function' ? [[name, (...values: number[]): number => value(...values)]] : []
    )
  )
}

/** Bytes of a linear congruential generator below `values`: the same in every run. */
export function noise(length: number, values: number, seed: number): Uint8Array {
  let state = seed
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state >>> 16) % values
  })
}
