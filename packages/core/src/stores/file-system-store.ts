import { conflict, SourceError } from '../errors.js'
import { nodeModule } from '../platform.js'
import { checkLength, checkSize, resolveRange } from './byte-range.js'
import { hasCode, isAbsence, systemError } from './file-errors.js'
import { takeFileLock } from './file-lock.js'
import { FileWriter, placeFile } from './file-writer.js'
import { SharedFiles } from './shared-files.js'
import type { ObjectWriter, Store, StoreDeleteOptions, StoreEntry, StoreGetOptions, StoreLock, StoreSetOptions } from './store.js'

type Stats = import('node:fs').Stats

/** A lock is held for one change of an object; whoever does not refresh it for so long is gone, or harmless by the condition of its `set`. */
const abandonedAfterMs = 60_000

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
  readonly #files: SharedFiles
  /** Lock files that are held through this store. */
  readonly #held = new Set<string>()

  constructor(path: string, fs: typeof import('node:fs'), paths: typeof import('node:path')) {
    this.path = path
    this.identity = `file:${path}`
    this.#fs = fs
    this.#paths = paths
    this.#files = new SharedFiles(fs)
  }

  async get(key: string, options: StoreGetOptions = {}): Promise<Uint8Array | undefined> {
    options.signal?.throwIfAborted()
    const path = this.#pathOf(key)
    const { file, status: current } = await this.#files.acquire(path)
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
      if (options.range === undefined) checkLength(path, status.size, options.maxBytes)
      const { offset, length } = resolveRange(options.range, status.size)
      const target =
        options.scratch !== undefined && options.scratch.byteLength >= length ? options.scratch.subarray(0, length) : allocate(length, path)
      await this.#files.read(opened, target, offset)
      options.signal?.throwIfAborted()
      if (options.onRevision !== undefined) {
        const revision = revisionOf(status)
        // Programs exist that change files in place.
        if (revisionOf(this.#fs.fstatSync(opened.descriptor)) !== revision) throw conflict(path)
        options.onRevision(revision)
      }
      return target
    } catch (error) {
      throw systemError(error, path)
    } finally {
      this.#files.release(path, file)
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

  revision(key: string): string | undefined {
    const path = this.#pathOf(key)
    try {
      // Synchronous: a look-up that the system has at hand, much shorter than the way to another thread.
      const status = this.#fs.statSync(path, { throwIfNoEntry: false })
      return status === undefined ? undefined : revisionOf(status)
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

  realName(key: string): string {
    const path = this.#pathOf(key)
    // What is not there yet has the name that it will have in the nearest folder that is there.
    for (let existing = path; ; existing = this.#paths.dirname(existing)) {
      try {
        return `file:${this.#paths.join(this.#fs.realpathSync.native(existing), this.#paths.relative(existing, path))}`
      } catch {
        if (this.#paths.dirname(existing) === existing) return `file:${path}`
      }
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
    const { signal, ifAbsent, ifRevision } = options
    signal?.throwIfAborted()
    const path = this.#pathOf(key)
    const folder = this.#paths.dirname(path)
    const temporary = this.#temporaryOf(path)
    const { promises } = this.#fs
    try {
      await writeWithFolder(promises, folder, temporary, bytes)
      this.#stampTime(temporary)
      if (ifAbsent === true) await placeFile(promises, temporary, path, true)
      else if (ifRevision !== undefined) {
        // Both at once, so that what takes no lock has no time in between.
        if (this.revision(key) !== ifRevision) throw conflict(path)
        this.#fs.renameSync(temporary, path)
      } else await this.#replace(key, path, () => this.#fs.renameSync(temporary, path))
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

  async delete(key: string, { ifRevision }: StoreDeleteOptions = {}): Promise<void> {
    const path = this.#pathOf(key)
    try {
      if (ifRevision !== undefined && this.revision(key) !== ifRevision) throw conflict(path)
      if (ifRevision !== undefined) this.#fs.rmSync(path, { force: true })
      else await this.#replace(key, path, () => this.#fs.rmSync(path, { force: true }))
    } catch (error) {
      if (!isAbsence(error)) throw systemError(error, path)
    }
  }

  async lock(key: string, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<StoreLock> {
    const path = this.#lockOf(this.#pathOf(key))
    const lock = await takeFileLock(path, { signal: options.signal, abandonedAfterMs }).catch((error: unknown) => {
      // What stands in the way of the lock would stand in the way of the object.
      throw error instanceof SourceError && error.cause !== undefined ? this.#writeError(error.cause, this.#pathOf(key)) : error
    })
    this.#held.add(path)
    return {
      release: async () => {
        this.#held.delete(path)
        await lock.release()
      }
    }
  }

  /** What has no condition takes no lock, but does not step between the look and the change of one who has it. */
  async #replace(key: string, path: string, replace: () => void): Promise<void> {
    const lockPath = this.#lockOf(path)
    if (this.#held.has(lockPath) || !this.#fs.existsSync(lockPath)) {
      replace()
      return
    }
    const lock = await this.lock(key)
    try {
      replace()
    } finally {
      await lock.release()
    }
  }

  /** The clock of a file system ticks in milliseconds: files of one size that follow in one tick could pass for the same. */
  #stampTime(path: string): void {
    const now = (Date.now() + Math.random()) / 1000
    try {
      this.#fs.utimesSync(path, now, now)
    } catch {
      // Some file systems keep no times.
    }
  }

  /** Beside the file, as its temporary files are. */
  #lockOf(path: string): string {
    return this.#paths.join(this.#paths.dirname(path), `__${this.#paths.basename(path)}.lock`)
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
}

/** A file keeps its number and times when it is renamed; a new one has another number, or another time. */
function revisionOf(status: Stats): string {
  return `${status.ino}-${status.size}-${status.mtimeMs}`
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
