/** Memory in which kernel functions work. `bytes` is replaced when it grows: never keep it across a call that allocates. */
export interface KernelMemory {
  readonly bytes: Uint8Array
  /** Makes `bytes` at least this long, keeping its content. */
  grow(byteLength: number): void
}

const pageSize = 65536

/** The memory of a WebAssembly instance. */
export function wasmMemory(memory: WebAssembly.Memory): KernelMemory {
  let bytes = new Uint8Array(memory.buffer)
  return {
    get bytes(): Uint8Array {
      return bytes
    },
    grow(byteLength: number): void {
      if (byteLength <= bytes.byteLength) return
      memory.grow(Math.ceil((byteLength - bytes.byteLength) / pageSize))
      bytes = new Uint8Array(memory.buffer)
    }
  }
}

/** Plain memory, for the scalar kernel. */
export function plainMemory(): KernelMemory {
  let bytes = new Uint8Array(pageSize)
  return {
    get bytes(): Uint8Array {
      return bytes
    },
    grow(byteLength: number): void {
      if (byteLength <= bytes.byteLength) return
      const larger = new Uint8Array(Math.ceil(byteLength / pageSize) * pageSize)
      larger.set(bytes)
      bytes = larger
    }
  }
}
