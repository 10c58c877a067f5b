import type { ObjectWriter } from './store.js'

/** Where a {@link FileWriter} writes. */
export interface FileWriterOptions {
  readonly path: string
  /** The file that is filled, in the folder of `path`. */
  readonly temporary: string
  readonly size: number
  /** Fail at the commit if `path` exists then. */
  readonly ifAbsent: boolean
  /** Makes the error to throw of one of the system. */
  readonly toError: (error: unknown) => unknown
}

type FileHandle = import('node:fs/promises').FileHandle
type FileSystem = typeof import('node:fs').promises

/** Most bytes of one system call, which takes less than 2 GiB. */
const maximalPiece = 1 << 30

/** Codes by which file systems without hard links (FAT, many network shares) refuse to make one. */
const withoutLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

/** Puts a finished file in its place, at once; with `ifAbsent` only where there is none, however many try. */
export async function placeFile(fs: FileSystem, temporary: string, path: string, ifAbsent: boolean): Promise<void> {
  if (!ifAbsent) {
    await fs.rename(temporary, path)
    return
  }
  try {
    await fs.link(temporary, path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && withoutLinks.has(String(error.code)))) throw error
    // The place is taken by an empty file first, which only one can make.
    await fs.writeFile(path, new Uint8Array(0), { flag: 'wx' })
    await fs.rename(temporary, path)
  }
}

/** An object of the file system that is being written: a temporary file beside it, which the commit renames. */
export class FileWriter implements ObjectWriter {
  readonly size: number
  readonly #fs: FileSystem
  readonly #file: FileHandle
  readonly #options: FileWriterOptions
  #open = true

  private constructor(fs: FileSystem, file: FileHandle, options: FileWriterOptions) {
    this.size = options.size
    this.#fs = fs
    this.#file = file
    this.#options = options
  }

  /** Makes the temporary file, with its final size and without taking room on the disk. */
  static async open(fs: FileSystem, folder: string, options: FileWriterOptions): Promise<FileWriter> {
    try {
      await fs.mkdir(folder, { recursive: true })
      const writer = new FileWriter(fs, await fs.open(options.temporary, 'wx+'), options)
      try {
        await writer.#file.truncate(options.size)
        return writer
      } catch (error) {
        await writer.abort()
        throw error
      }
    } catch (error) {
      throw options.toError(error)
    }
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    try {
      for (let done = 0; done < bytes.byteLength; ) {
        const length = Math.min(bytes.byteLength - done, maximalPiece)
        done += (await this.#file.write(bytes, done, length, offset + done)).bytesWritten
      }
    } catch (error) {
      throw this.#options.toError(error)
    }
  }

  async read(offset: number, target: Uint8Array): Promise<void> {
    try {
      for (let done = 0; done < target.byteLength; ) {
        const length = Math.min(target.byteLength - done, maximalPiece)
        const { bytesRead } = await this.#file.read(target, done, length, offset + done)
        if (bytesRead === 0) throw new RangeError(`the temporary file of ${this.#options.path} ends before byte ${offset + done}`)
        done += bytesRead
      }
    } catch (error) {
      throw this.#options.toError(error)
    }
  }

  async commit(size: number = this.size): Promise<void> {
    const { path, temporary, ifAbsent, toError } = this.#options
    try {
      if (size !== this.size) await this.#file.truncate(size)
      await this.#close()
      await placeFile(this.#fs, temporary, path, ifAbsent)
    } catch (error) {
      throw toError(error)
    } finally {
      await this.#fs.rm(temporary, { force: true }).catch(() => {})
    }
  }

  async abort(): Promise<void> {
    if (!this.#open) return
    await this.#close()
    await this.#fs.rm(this.#options.temporary, { force: true })
  }

  async #close(): Promise<void> {
    this.#open = false
    await this.#file.close()
  }
}
