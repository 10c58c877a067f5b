import { crc32 } from '../crc32.js'
import { SourceError } from '../errors.js'
import { inflateRaw } from '../inflate.js'
import { checkLength, checkSize, resolveRange } from './byte-range.js'
import { joinKey, type Store, type StoreEntry, type StoreGetOptions } from './store.js'

/** An entry of the central directory. Offsets and sizes count bytes. */
interface ZipEntry {
  readonly headerOffset: number
  readonly compressedSize: number
  readonly size: number
  readonly method: number
  readonly crc: number
}

const stored = 0
const deflated = 8
const encryptedFlag = 1
/** A central directory may be this large: some ten million entries. */
const maximalDirectory = 1 << 30
/** Size of the end record and its longest comment (APPNOTE 4.3.16). */
const endLength = 22
const longestComment = 0xffff
/** No deflate stream gives more: 258 bytes for two bits. */
const maximalRatio = 1032

/**
 * The entries of a zip file as a read-only store, read by ranges of the file: stored entries (as `zip -0` writes them, and as
 * a Zarr zip should be) are read in part, deflated ones whole. Zip64 is understood. (PKWARE APPNOTE 6.3.)
 *
 * @param file Store of the zip file, which lies at `key`.
 * @throws ERR_CORRUPT_DATA for anything but a whole zip file, ERR_NOT_FOUND, ERR_UNSUPPORTED for encrypted entries.
 */
export async function zipStore(file: Store, key = '', options: { readonly signal?: AbortSignal | undefined } = {}): Promise<Store> {
  return new ZipStore(file, key, await readDirectory(file, key, options.signal))
}

/** What lies where in the zip file of that revision, which is not known of every store. */
interface ZipDirectory {
  readonly entries: ReadonlyMap<string, ZipEntry>
  readonly revision: string | undefined
}

/** Whether a file begins like a zip file. */
export function isZip(prefix: Uint8Array): boolean {
  return prefix[0] === 0x50 && prefix[1] === 0x4b && ((prefix[2] === 3 && prefix[3] === 4) || (prefix[2] === 5 && prefix[3] === 6))
}

class ZipStore implements Store {
  readonly identity: string
  readonly path: string | undefined
  readonly remote: boolean
  readonly #file: Store
  readonly #key: string
  readonly #entries: ReadonlyMap<string, ZipEntry>
  readonly #revision: string | undefined
  /** Where the data of entries begin, as far as that was looked up. */
  readonly #offsets = new Map<string, number>()
  #folders: ReadonlyMap<string, ReadonlyMap<string, StoreEntry>> | undefined

  constructor(file: Store, key: string, { entries, revision }: ZipDirectory) {
    this.identity = `zip:${joinKey(file.identity, key)}`
    this.path = file.path
    this.remote = file.remote
    this.#file = file
    this.#key = key
    this.#entries = entries
    this.#revision = revision
  }

  async get(key: string, options: StoreGetOptions = {}): Promise<Uint8Array | undefined> {
    options.signal?.throwIfAborted()
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    checkSize(key, entry.size, options.objectSize)
    if (options.range === undefined) checkLength(key, entry.size, options.maxBytes)
    const { offset, length } = resolveRange(options.range, entry.size)
    const start = await this.#dataOffset(key, entry, options.signal)
    if (entry.method === stored) {
      const bytes = await this.#read(start + offset, length, options.signal, options)
      return length === entry.size ? this.#checked(key, entry, bytes) : bytes
    }
    if (entry.method !== deflated)
      throw new SourceError(
        'ERR_UNSUPPORTED',
        `zip entry ${key} is compressed by method ${entry.method}; only stored and deflated entries are read`,
        { path: this.path }
      )
    const bytes = this.#checked(key, entry, await inflateRaw(await this.#read(start, entry.compressedSize, options.signal), entry.size))
    options.signal?.throwIfAborted()
    return options.range === undefined ? bytes : bytes.subarray(offset, offset + length)
  }

  #checked(key: string, entry: ZipEntry, bytes: Uint8Array): Uint8Array {
    if (crc32(bytes) === entry.crc) return bytes
    throw corrupt(this.#file, `the bytes of entry ${key} do not have their checksum`)
  }

  async size(key: string): Promise<number | undefined> {
    return this.#entries.get(key)?.size
  }

  async *list(folder: string): AsyncIterable<StoreEntry> {
    this.#folders ??= this.#readFolders()
    yield* this.#folders.get(folder)?.values() ?? []
  }

  /** The children of every folder: looked up for each folder anew, they would take quadratic time. */
  #readFolders(): Map<string, Map<string, StoreEntry>> {
    const folders = new Map<string, Map<string, StoreEntry>>()
    for (const [key, { size }] of this.#entries) {
      let child: StoreEntry = { name: key.slice(key.lastIndexOf('/') + 1), folder: false, size }
      for (let parent = parentOf(key); ; parent = parentOf(parent)) {
        const children = folders.get(parent) ?? new Map<string, StoreEntry>()
        const isNew = !folders.has(parent)
        folders.set(parent, children)
        if (!children.has(child.name)) children.set(child.name, child)
        if (parent === '' || !isNew) break
        child = { name: parent.slice(parent.lastIndexOf('/') + 1), folder: true }
      }
    }
    return folders
  }

  /** The data follow a local header whose length only the header itself tells (APPNOTE 4.3.7). */
  async #dataOffset(key: string, entry: ZipEntry, signal: AbortSignal | undefined): Promise<number> {
    const known = this.#offsets.get(key)
    if (known !== undefined) return known
    const header = viewOf(await this.#read(entry.headerOffset, 30, signal))
    if (header.getUint32(0, true) !== 0x04034b50) throw corrupt(this.#file, `entry ${key} has no local header`)
    const offset = entry.headerOffset + 30 + header.getUint16(26, true) + header.getUint16(28, true)
    this.#offsets.set(key, offset)
    return offset
  }

  async #read(
    offset: number,
    length: number,
    signal: AbortSignal | undefined,
    { scratch, onRevision }: StoreGetOptions = {}
  ): Promise<Uint8Array> {
    let found = this.#revision
    const bytes = await this.#file.get(this.#key, {
      range: { offset, length },
      signal,
      scratch,
      onRevision(revision) {
        found = revision
        onRevision?.(revision)
      }
    })
    // Of another file the places are others; it may well be whole.
    if (this.#revision !== undefined && found !== this.#revision) {
      throw new SourceError('ERR_IO', `${this.path ?? 'the zip file'} was replaced after it was opened; open it again`, { path: this.path })
    }
    if (bytes?.byteLength !== length)
      throw corrupt(this.#file, `${length} bytes expected at byte ${offset}, found ${bytes?.byteLength ?? 'no file'}`)
    return bytes
  }
}

async function readDirectory(file: Store, key: string, signal: AbortSignal | undefined): Promise<ZipDirectory> {
  let revision: string | undefined
  const onRevision = (told: string): void => {
    revision = told
  }
  const tail = await file.get(key, { range: { suffixLength: endLength + longestComment + 20 }, signal, onRevision })
  const revisionOfTail = revision
  const size = await file.size(key, { signal })
  if (tail === undefined || size === undefined)
    throw new SourceError('ERR_NOT_FOUND', `${file.path ?? 'the zip file'} does not exist`, { path: file.path })
  const view = viewOf(tail)
  // The record is the last thing but for its comment, in which its signature may stand by chance.
  let end = tail.byteLength - endLength
  const isEnd = (at: number): boolean =>
    view.getUint32(at, true) === 0x06054b50 && at + endLength + view.getUint16(at + 20, true) === tail.byteLength
  while (end >= 0 && !isEnd(end)) end--
  if (end < 0) throw corrupt(file, 'it has no end record; it may be cut')
  let count = view.getUint16(end + 10, true)
  let length = view.getUint32(end + 12, true)
  let offset = view.getUint32(end + 16, true)
  if (end >= 20 && view.getUint32(end - 20, true) === 0x07064b50) {
    const recordOffset = Number(view.getBigUint64(end - 20 + 8, true))
    const record = recordOffset + 56 <= size ? await file.get(key, { range: { offset: recordOffset, length: 56 }, signal }) : undefined
    if (record?.byteLength !== 56 || viewOf(record).getUint32(0, true) !== 0x06064b50)
      throw corrupt(file, 'its zip64 end record is missing')
    count = Number(viewOf(record).getBigUint64(32, true))
    length = Number(viewOf(record).getBigUint64(40, true))
    offset = Number(viewOf(record).getBigUint64(48, true))
  }
  if (offset + length > size || length > maximalDirectory || count * 46 > length)
    throw corrupt(file, `its directory of ${count} entries and ${length} bytes at byte ${offset} does not fit`)
  const directory = await file.get(key, { range: { offset, length }, signal, onRevision })
  if (revision !== revisionOfTail)
    throw new SourceError('ERR_IO', `${file.path ?? 'the zip file'} was replaced while it was opened; open it again`, { path: file.path })
  if (directory?.byteLength !== length) throw corrupt(file, 'its directory is cut')
  return { entries: parseDirectory(file, directory, count, size), revision }
}

/** Central directory headers (APPNOTE 4.3.12). */
function parseDirectory(file: Store, directory: Uint8Array, count: number, fileSize: number): Map<string, ZipEntry> {
  const view = viewOf(directory)
  const decoder = new TextDecoder()
  const entries = new Map<string, ZipEntry>()
  let at = 0
  for (let index = 0; index < count; index++) {
    if (at + 46 > directory.byteLength || view.getUint32(at, true) !== 0x02014b50)
      throw corrupt(file, `entry ${index} of its directory is damaged`)
    const nameLength = view.getUint16(at + 28, true)
    const extraLength = view.getUint16(at + 30, true)
    const next = at + 46 + nameLength + extraLength + view.getUint16(at + 32, true)
    if (next > directory.byteLength) throw corrupt(file, `entry ${index} of its directory is cut`)
    const name = decoder.decode(directory.subarray(at + 46, at + 46 + nameLength))
    const extra = viewOf(directory.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength))
    const entry = zip64Entry(extra, {
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      compressedSize: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      headerOffset: view.getUint32(at + 42, true)
    })
    if (!name.endsWith('/')) {
      if ((view.getUint16(at + 8, true) & encryptedFlag) !== 0)
        throw new SourceError('ERR_UNSUPPORTED', `zip entry ${name} is encrypted`, { path: file.path })
      if (entry.headerOffset + entry.compressedSize > fileSize) throw corrupt(file, `entry ${name} lies outside the file`)
      if (entry.method === stored && entry.size !== entry.compressedSize) throw corrupt(file, `entry ${name} is stored but has two sizes`)
      if (entry.method === deflated && entry.size > entry.compressedSize * maximalRatio)
        throw corrupt(file, `entry ${name} announces more bytes than its ${entry.compressedSize} can give`)
      entries.set(name, entry)
    }
    at = next
  }
  return entries
}

/** Values that do not fit into 32 bits stand in the zip64 extra field, in this order (APPNOTE 4.5.3). */
function zip64Entry(extra: DataView, entry: ZipEntry): ZipEntry {
  let { size, compressedSize, headerOffset } = entry
  for (let at = 0; at + 4 <= extra.byteLength; at += 4 + extra.getUint16(at + 2, true)) {
    if (extra.getUint16(at, true) !== 1) continue
    let field = at + 4
    const end = Math.min(extra.byteLength, field + extra.getUint16(at + 2, true))
    const next = (value: number): number => {
      if (value !== 0xffffffff || field + 8 > end) return value
      field += 8
      return Number(extra.getBigUint64(field - 8, true))
    }
    size = next(size)
    compressedSize = next(compressedSize)
    headerOffset = next(headerOffset)
  }
  return { ...entry, size, compressedSize, headerOffset }
}

function parentOf(key: string): string {
  return key.slice(0, Math.max(0, key.lastIndexOf('/')))
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function corrupt(file: Store, reason: string): SourceError {
  return new SourceError('ERR_CORRUPT_DATA', `${file.path ?? 'the file'} is not a whole zip file: ${reason}`, { path: file.path })
}
