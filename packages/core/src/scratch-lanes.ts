/** Bytes of scratch memory that stay for later reads. */
const maximalKept = 16 << 20

const kept: Uint8Array[] = []

/**
 * Scratch memory of the lanes of one read, taken from what earlier reads left: the system hands out fresh memory page by page, which
 * takes longer than reading a file into it.
 */
export class ScratchLanes {
  readonly #lanes: (Uint8Array | undefined)[] = []

  /** At least `length` bytes for a lane, the same as long as they are enough. Their content is undefined. */
  take(lane: number, length: number): Uint8Array {
    const present = this.#lanes[lane]
    if (present !== undefined && present.byteLength >= length) return present
    const at = kept.findLastIndex(({ byteLength }) => byteLength >= length)
    const [scratch = new Uint8Array(length)] = at < 0 ? [] : kept.splice(at, 1)
    this.#lanes[lane] = scratch
    return scratch
  }

  /**
   * Leaves the memory to later reads. Only after a read that succeeded: where one failed or was aborted, a store may still be writing
   * into it.
   */
  release(): void {
    for (const scratch of this.#lanes.splice(0)) if (scratch !== undefined) kept.push(scratch)
    let bytes = kept.reduce((sum, { byteLength }) => sum + byteLength, 0)
    while (bytes > maximalKept) bytes -= kept.shift()?.byteLength ?? 0
  }
}
