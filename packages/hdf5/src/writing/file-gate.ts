/**
 * Reads and writes of one file in this process: reads run side by side, a write runs alone. Every write makes a new generation, by
 * which readers see that what they remember is old.
 */
export class FileGate {
  #readers = 0
  #generation = 0
  #last: Promise<void> = Promise.resolve()
  #idle: (() => void) | undefined

  get generation(): number {
    return this.#generation
  }

  async read<T>(work: () => Promise<T>): Promise<T> {
    for (let before = this.#last; ; before = this.#last) {
      await before
      if (before === this.#last) break
    }
    this.#readers++
    try {
      return await work()
    } finally {
      if (--this.#readers === 0) this.#idle?.()
    }
  }

  async write<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#last
    let done: () => void = () => {}
    this.#last = new Promise((resolve) => {
      done = resolve
    })
    await before
    if (this.#readers > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve
      })
      this.#idle = undefined
    }
    try {
      return await work()
    } finally {
      this.#generation++
      done()
    }
  }
}

const key: symbol = Symbol.for('@bioimage/hdf5:gates@1')
const holder: { [key]?: Map<string, FileGate> } = globalThis

/** The gate of a file, by the identity of its store; shared by all copies of this package. */
export function gateOf(identity: string): FileGate {
  holder[key] ??= new Map()
  let gate = holder[key].get(identity)
  if (gate === undefined) {
    gate = new FileGate()
    holder[key].set(identity, gate)
  }
  return gate
}
