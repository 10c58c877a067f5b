import { SourceError } from '../errors.js'
import { isAbsence } from './file-errors.js'

/** An open file that reads under way share. */
export interface SharedFile {
  readonly opened: Promise<OpenedFile | undefined>
  users: number
}

/** A descriptor with what the system said of the file when it was opened. */
export interface OpenedFile {
  readonly descriptor: number
  readonly status: Stats
}

type FileSystem = typeof import('node:fs')
type Stats = import('node:fs').Stats

/** Reads up to this size are tried on the calling thread: for them the way to another one takes longer than the read. */
const smallBytes = 256 << 10
/** A read that took longer had to wait for a disk or a server. */
const slowMs = 1
/** So many small reads go to other threads after a slow one, several at a time. */
const readsAfterSlow = 256

/** Descriptors for reading, shared by the reads that are under way at the same time. */
export class SharedFiles {
  readonly #fs: FileSystem
  readonly #files = new Map<string, SharedFile>()
  #readsToOthers = 0
  /** The last file was not there: of a sparse array the next one is likely not to be there either. */
  #expectsAbsence = false

  constructor(fs: FileSystem) {
    this.#fs = fs
  }

  /**
   * Reads under way at the same time share one descriptor; the last one closes it. A file that was replaced meanwhile, by
   * whomever, is opened anew: its descriptor shows the old file, which would undo a write that is read back.
   */
  async acquire(path: string): Promise<{ readonly file: SharedFile; readonly status: Stats | undefined }> {
    const shared = this.#files.get(path)
    if (shared !== undefined) {
      shared.users++
      const status = await this.#currentStatus(path, shared)
      if (status !== undefined) return { file: shared, status }
      this.release(path, shared)
      if (this.#files.get(path) === shared) this.#files.delete(path)
    }
    const file = { opened: this.#open(path), users: 1 }
    this.#files.set(path, file)
    return { file, status: undefined }
  }

  release(path: string, file: SharedFile): void {
    if (--file.users > 0) return
    if (this.#files.get(path) === file) this.#files.delete(path)
    file.opened.then(
      (opened) => {
        if (opened !== undefined) this.#fs.close(opened.descriptor, () => {})
      },
      () => {}
    )
  }

  /** Fills `target` from `offset` on. */
  async read({ descriptor }: OpenedFile, target: Uint8Array, offset: number): Promise<void> {
    if (!this.#readAtOnce(descriptor, target, offset)) await this.#readElsewhere(descriptor, target, offset)
  }

  /** What the system says now of an opened file; `undefined` if another one is in its place. */
  async #currentStatus(path: string, file: SharedFile): Promise<Stats | undefined> {
    try {
      const opened = await file.opened
      // Synchronous: a look-up that the system has at hand, much shorter than the way to another thread.
      const present = this.#fs.statSync(path, { throwIfNoEntry: false })
      return present?.ino === opened?.status.ino && present?.dev === opened?.status.dev ? present : undefined
    } catch {
      return undefined
    }
  }

  #open(path: string): Promise<OpenedFile | undefined> {
    if (this.#expectsAbsence && this.#isAbsent(path)) return Promise.resolve(undefined)
    return new Promise((resolve, reject) => {
      // A named pipe must not block the open: with O_NONBLOCK it reads as an empty object.
      this.#fs.open(path, this.#fs.constants.O_RDONLY | (this.#fs.constants.O_NONBLOCK ?? 0), (error, descriptor) => {
        if (error === null) {
          try {
            resolve({ descriptor, status: this.#fs.fstatSync(descriptor) })
          } catch (failure) {
            this.#fs.close(descriptor, () => reject(failure))
          }
        } else if (isAbsence(error)) {
          this.#expectsAbsence = true
          resolve(undefined)
        } else reject(error)
      })
    })
  }

  /** On this thread, where that is a look-up that the system has at hand: a tenth of the time of the way to another one. */
  #isAbsent(path: string): boolean {
    const start = performance.now()
    try {
      this.#expectsAbsence = this.#fs.statSync(path, { throwIfNoEntry: false }) === undefined
    } catch {
      // Whatever it is, opening it tells.
      this.#expectsAbsence = false
    }
    const isAbsent = this.#expectsAbsence
    if (performance.now() - start > slowMs) this.#expectsAbsence = false
    return isAbsent
  }

  /**
   * Reads a small part on this thread while the system has such parts at hand. Once one had to be waited for, the following
   * ones go to other threads for a while.
   *
   * @returns whether it was read.
   */
  #readAtOnce(descriptor: number, target: Uint8Array, offset: number): boolean {
    if (target.byteLength > smallBytes) return false
    if (this.#readsToOthers > 0) {
      this.#readsToOthers--
      return false
    }
    const start = performance.now()
    for (let done = 0; done < target.byteLength; ) {
      const count = this.#fs.readSync(descriptor, target, done, target.byteLength - done, offset + done)
      if (count === 0) throw becameShorter()
      done += count
    }
    if (performance.now() - start > slowMs) this.#readsToOthers = readsAfterSlow
    return true
  }

  #readElsewhere(descriptor: number, target: Uint8Array, offset: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const step = (done: number): void => {
        // One read call takes less than 2 GiB.
        const length = Math.min(target.byteLength - done, 1 << 30)
        if (length === 0) {
          resolve()
          return
        }
        this.#fs.read(descriptor, target, done, length, offset + done, (error, count) => {
          if (error !== null) reject(error)
          else if (count === 0) reject(becameShorter())
          else step(done + count)
        })
      }
      step(0)
    })
  }
}

function becameShorter(): SourceError {
  return new SourceError('ERR_CORRUPT_DATA', 'the file became shorter while it was read')
}
