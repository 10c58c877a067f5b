import { SourceError } from '../errors.js'
import { nodeModule } from '../platform.js'
import { checkSize, resolveRange } from './byte-range.js'
import { FileWriter, placeFile } from './file-writer.js'
import type { ObjectWriter, Store, StoreEntry, StoreGetOptions, StoreSetOptions } from './store.js'

/** An open file that reads under way share. */
interface SharedFile {
  readonly opened: Promise<OpenedFile | undefined>
  users: number
}

interface OpenedFile {
  readonly descriptor: number
  /** As it was when the file was opened. */
  readonly status: Stats
}

type Stats = import('node:fs').Stats

/** Reads up to this size are tried on the calling thread: for them the way to another one takes longer than the read. */
const smallBytes = 256 << 10
/** A read that took longer had to wait for a disk or a server. */
const slowMs = 1
/** So many small reads go to other threads after a slow one, several at a time. */
const readsAfterSlow = 256

/**
 * A folder, or a single file (key `""`), of the local file system.
 *
 * @param path Path of the folder or file; made absolute.
 * @throws ERR_UNSUPPORTED where there is no file system, as in a browser.
 */
export function fileSystemStore(path: string): Store {
  const fs = nodeModule('node:fs')
  const paths = nodeModule('node:path')
  if (fs === undefined || paths === undefined) {
    throw new SourceError(
      'ERR_UNSUPPORTED',
      `${path} is a local path, and this platform has no file system; open a URL, a File or a Blob`,
      { path }
    )
  }
  return new FileSystemStore(paths.resolve(path), fs, paths)
}

class FileSystemStore implements Store {
  readonly identity: string
  readonly path: string
  readonly remote = false
  readonly #fs: typeof import('node:fs')
  readonly #paths: typeof import('node:path')
  readonly #files = new Map<string, SharedFile>()
  #readsToOthers = 0

  constructor(path: string, fs: typeof import('node:fs'), paths: typeof import('node:path')) {
    this.path = path
    this.identity = `file:${path}`
    this.#fs = fs
    this.#paths = paths
  }

  async get(key: string, options: StoreGetOptions = {}): Promise<Uint8Array | undefined> {
    options.signal?.throwIfAborted()
    const path = this.#pathOf(key)
    const { file, status: current } = await this.#acquire(path)
    try {
      const opened = await file.opened
      if (opened === undefined) return undefined
      const status = current ?? opened.status
      if (status.isDirectory()) {
        if (key !== '') return undefined
        throw new SourceError('ERR_NOT_FOUND', `${path} is a folder, expected a file`, { path })
      }
      if (!status.isFile()) throw new SourceError('ERR_UNSUPPORTED', `${path} is neither a file nor a folder`, { path })
      checkSize(path, status.size, options.objectSize)
      const { offset, length } = resolveRange(options.range, status.size)
      const target =
        options.scratch !== undefined && options.scratch.byteLength >= length ? options.scratch.subarray(0, length) : allocate(length, path)
      if (!this.#readAtOnce(opened.descriptor, target, offset)) await this.#read(opened.descriptor, target, offset)
      options.signal?.throwIfAborted()
      return target
    } catch (error) {
      throw systemError(error, path)
    } finally {
      this.#release(path, file)
    }
  }

  async size(key: string): Promise<number | undefined> {
    const path = this.#pathOf(key)
    try {
      const status = await this.#fs.promises.stat(path)
      return status.isFile() ? status.size : undefined
    } catch (error) {
      if (isAbsence(error)) return undefined
      throw systemError(error, path)
    }
  }

  async revision(key: string): Promise<string | undefined> {
    const path = this.#pathOf(key)
    try {
      const status = await this.#fs.promises.stat(path, { bigint: true })
      return `${status.ino}-${status.size}-${status.mtimeNs}`
    } catch (error) {
      if (isAbsence(error)) return undefined
      throw systemError(error, path)
    }
  }

  async modified(key: string): Promise<number | undefined> {
    const path = this.#pathOf(key)
    try {
      return (await this.#fs.promises.stat(path)).mtimeMs
    } catch (error) {
      if (isAbsence(error)) return undefined
      throw systemError(error, path)
    }
  }

  async *list(folder: string): AsyncIterable<StoreEntry> {
    const path = this.#pathOf(folder)
    try {
      for await (const entry of await this.#fs.promises.opendir(path)) {
        const link = entry.isSymbolicLink()
        const folder = entry.isDirectory() || (link && (await this.#isFolder(this.#paths.join(path, entry.name))))
        yield { name: entry.name, folder, ...(link && { link }) }
      }
    } catch (error) {
      if (!isAbsence(error)) throw systemError(error, path)
    }
  }

  async set(key: string, bytes: Uint8Array, options: StoreSetOptions = {}): Promise<void> {
    options.signal?.throwIfAborted()
    const path = this.#pathOf(key)
    const folder = this.#paths.dirname(path)
    const temporary = this.#temporaryOf(path)
    const { promises } = this.#fs
    try {
      await writeWithFolder(promises, folder, temporary, bytes)
      await placeFile(promises, temporary, path, options.ifAbsent === true)
    } catch (error) {
      throw this.#writeError(error, path)
    } finally {
      await promises.rm(temporary, { force: true }).catch(() => {})
    }
  }

  async create(key: string, options: { readonly size: number; readonly ifAbsent: boolean }): Promise<ObjectWriter> {
    const path = this.#pathOf(key)
    // Else it would show at the commit only, when everything is written.
    if (await this.#isFolder(path)) throw new SourceError('ERR_ALREADY_EXISTS', `${path} is a folder; choose another name`, { path })
    return FileWriter.open(this.#fs.promises, this.#paths.dirname(path), {
      ...options,
      path,
      temporary: this.#temporaryOf(path),
      toError: (error) => this.#writeError(error, path)
    })
  }

  async delete(key: string): Promise<void> {
    const path = this.#pathOf(key)
    try {
      await this.#fs.promises.rm(path, { force: true })
    } catch (error) {
      if (!isAbsence(error)) throw systemError(error, path)
    }
  }

  /** Beside the file, so that the rename stays on one file system; the leading "__" is no legal name of a chunk or array. */
  #temporaryOf(path: string): string {
    return this.#paths.join(this.#paths.dirname(path), `__${uniqueName()}.tmp`)
  }

  #pathOf(key: string): string {
    if (key.split(this.#paths.sep === '/' ? '/' : /[/\\]/).includes('..') || key.includes('\0'))
      throw new SourceError('ERR_INVALID_ARGUMENT', `${JSON.stringify(key)} is not a key: it would leave the folder`)
    return key === '' ? this.path : this.#paths.join(this.path, key)
  }

  async #isFolder(path: string): Promise<boolean> {
    return this.#fs.promises.stat(path).then(
      (status) => status.isDirectory(),
      () => false
    )
  }

  #writeError(error: unknown, path: string): unknown {
    const ofFolder = error instanceof Error && 'syscall' in error && error.syscall === 'mkdir'
    if (hasCode(error, 'ENOTDIR') || (ofFolder && hasCode(error, 'EEXIST'))) {
      const file = this.#fileAbove(path)
      if (file !== undefined) {
        const message = `${file} is a file, and a folder is needed there; move it away, or choose another path`
        return new SourceError('ERR_ALREADY_EXISTS', message, { path: file, cause: error })
      }
    }
    if (hasCode(error, 'EEXIST') && !ofFolder)
      return new SourceError('ERR_ALREADY_EXISTS', `${path} exists already`, { path, cause: error })
    return systemError(error, path)
  }

  /** What is in the way of the folders above a path. */
  #fileAbove(path: string): string | undefined {
    const above = this.#paths.dirname(path)
    if (above === path) return undefined
    const outer = this.#fileAbove(above)
    if (outer !== undefined) return outer
    try {
      return this.#fs.statSync(above).isDirectory() ? undefined : above
    } catch {
      return undefined
    }
  }

  /**
   * Reads under way at the same time share one descriptor; the last one closes it. A file that was replaced meanwhile, by
   * whomever, is opened anew: its descriptor shows the old file, which would undo a write that is read back.
   */
  async #acquire(path: string): Promise<{ readonly file: SharedFile; readonly status: Stats | undefined }> {
    const shared = this.#files.get(path)
    if (shared !== undefined) {
      shared.users++
      const status = await this.#currentStatus(path, shared)
      if (status !== undefined) return { file: shared, status }
      this.#release(path, shared)
      if (this.#files.get(path) === shared) this.#files.delete(path)
    }
    const file = { opened: this.#open(path), users: 1 }
    this.#files.set(path, file)
    return { file, status: undefined }
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

  #release(path: string, file: SharedFile): void {
    if (--file.users > 0) return
    if (this.#files.get(path) === file) this.#files.delete(path)
    file.opened.then(
      (opened) => {
        if (opened !== undefined) this.#fs.close(opened.descriptor, () => {})
      },
      () => {}
    )
  }

  #open(path: string): Promise<OpenedFile | undefined> {
    return new Promise((resolve, reject) => {
      // A named pipe must not block the open: with O_NONBLOCK it reads as an empty object.
      this.#fs.open(path, this.#fs.constants.O_RDONLY | (this.#fs.constants.O_NONBLOCK ?? 0), (error, descriptor) => {
        if (error === null) {
          try {
            resolve({ descriptor, status: this.#fs.fstatSync(descriptor) })
          } catch (failure) {
            this.#fs.close(descriptor, () => reject(failure))
          }
        } else if (isAbsence(error)) resolve(undefined)
        else reject(error)
      })
    })
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

  #read(descriptor: number, target: Uint8Array, offset: number): Promise<void> {
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

async function writeWithFolder(
  promises: typeof import('node:fs').promises,
  folder: string,
  path: string,
  bytes: Uint8Array
): Promise<void> {
  try {
    await promises.writeFile(path, bytes, { flag: 'wx' })
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
    await promises.mkdir(folder, { recursive: true })
    await promises.writeFile(path, bytes, { flag: 'wx' })
  }
}

let counter = 0

function uniqueName(): string {
  return `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}-${(counter++).toString(36)}`
}

function allocate(length: number, path: string): Uint8Array {
  try {
    return new Uint8Array(length)
  } catch (cause) {
    throw new SourceError('ERR_TOO_LARGE', `cannot allocate ${length} bytes for ${path} at once`, { path, cause })
  }
}

function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code
}

function isAbsence(error: unknown): boolean {
  return hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')
}

function systemError(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !('syscall' in error)) return error
  const denied = hasCode(error, 'EACCES') || hasCode(error, 'EPERM') || hasCode(error, 'EROFS')
  return new SourceError(denied ? 'ERR_ACCESS_DENIED' : 'ERR_IO', error.message, { path, cause: error })
}
