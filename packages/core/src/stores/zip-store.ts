import { SourceError } from '../errors.js'
import { inflateRaw } from '../inflate.js'
import { checkSize, resolveRange } from './byte-range.js'
import { joinKey, type Store, type StoreEntry, type StoreGetOptions } from './store.js'

/** An entry of the central directory. Offsets and sizes count bytes. */
interface ZipEntry {
  readonly headerOffset: number
  readonly compressedSize: number
  readonly size: number
  readonly method: number
}

const stored = 0
const deflated = 8
const encryptedFlag = 1
/** A central directory may be this large: some ten million entries. */
const maximalDirectory = 1 << 30
/** Size of the end record and its longest comment (APPNOTE 4.3.16). */
const endLength = 22
const longestComment = 0xffff

/**
 * The entries of a zip file as a read-only store, read by ranges of the file: stored entries (as `zip -0` writes them, and as
 * a Zarr zip should be) are read in part, deflated ones whole. Zip64 is understood. (PKWARE APPNOTE 6.3.)
 *
 * @param file Store of the zip file, which lies at `key`.
 * @throws ERR_CORRUPT_DATA for anything but a whole zip file, ERR_NOT_FOUND, ERR_UNSUPPORTED for encrypted entries.
 */
export async function zipStore(file: Store, key = '', options: { readonly signal?: AbortSignal | undefined } = {}): Promise<Store> {
  const entries = await readDirectory(file, key, options.signal)
  return new ZipStore(file, key, entries)
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

  constructor(file: Store, key: string, entries: ReadonlyMap<string, ZipEntry>) {
    this.identity = `zip:${joinKey(file.identity, key)}`
    this.path = file.path
    this.remote = file.remote
    this.#file = file
    this.#key = key
    this.#entries = entries
  }

  async get(key: string, options: StoreGetOptions = {}): Promise<Uint8Array | undefined> {
    options.signal?.throwIfAborted()
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    checkSize(key, entry.size, options.objectSize)
    const { offset, length } = resolveRange(options.range, entry.size)
    const start = await this.#dataOffset(key, entry, options.signal)
    if (entry.method === stored) return this.#read(start + offset, length, options.signal, options.scratch)
    if (entry.method !== deflated)
      throw new SourceError(
        'ERR_UNSUPPORTED',
        `zip entry ${key} is compressed by method ${entry.method}; only stored and deflated entries are read`
      )
    const bytes = await inflateRaw(await this.#read(start, entry.compressedSize, options.signal), entry.size)
    return options.range === undefined ? bytes : bytes.subarray(offset, offset + length)
  }

  async size(key: string): Promise<number | undefined> {
    return this.#entries.get(key)?.size
  }

  async *list(folder: string): AsyncIterable<StoreEntry> {
    const prefix = folder === '' ? '' : `${folder}/`
    const folders = new Set<string>()
    for (const [key, entry] of this.#entries) {
      if (!key.startsWith(prefix)) continue
      const [name = '', ...rest] = key.slice(prefix.length).split('/')
      if (rest.length === 0) yield { name, folder: false, size: entry.size }
      else if (!folders.has(name)) {
        folders.add(name)
        yield { name, folder: true }
      }
    }
  }

  /** The data follow a local header whose length only the header itself tells (APPNOTE 4.3.7). */
  async #dataOffset(key: string, entry: ZipEntry, signal: AbortSignal | undefined): Promise<number> {
    const header = viewOf(await this.#read(entry.headerOffset, 30, signal))
    if (header.getUint32(0, true) !== 0x04034b50) throw corrupt(this.#file, `entry ${key} has no local header`)
    return entry.headerOffset + 30 + header.getUint16(26, true) + header.getUint16(28, true)
  }

  async #read(offset: number, length: number, signal: AbortSignal | undefined, scratch?: Uint8Array): Promise<Uint8Array> {
    const bytes = await this.#file.get(this.#key, { range: { offset, length }, signal, scratch })
    if (bytes?.byteLength !== length)
      throw corrupt(this.#file, `${length} bytes expected at byte ${offset}, found ${bytes?.byteLength ?? 'no file'}`)
    return bytes
  }
}

async function readDirectory(file: Store, key: string, signal: AbortSignal | undefined): Promise<Map<string, ZipEntry>> {
  const tail = await file.get(key, { range: { suffixLength: endLength + longestComment + 20 }, signal })
  const size = await file.size(key, { signal })
  if (tail === undefined || size === undefined)
    throw new SourceError('ERR_NOT_FOUND', `${file.path ?? 'the zip file'} does not exist`, { path: file.path })
  const view = viewOf(tail)
  let end = tail.byteLength - endLength
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end--
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
  const directory = await file.get(key, { range: { offset, length }, signal })
  if (directory?.byteLength !== length) throw corrupt(file, 'its directory is cut')
  return parseDirectory(file, directory, count, size)
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
      compressedSize: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      headerOffset: view.getUint32(at + 42, true)
    })
    if (!name.endsWith('/')) {
      if ((view.getUint16(at + 8, true) & encryptedFlag) !== 0)
        throw new SourceError('ERR_UNSUPPORTED', `zip entry ${name} is encrypted`, { path: file.path })
      if (entry.headerOffset + entry.compressedSize > fileSize) throw corrupt(file, `entry ${name} lies outside the file`)
      if (entry.method === stored && entry.size !== entry.compressedSize) throw corrupt(file, `entry ${name} is stored but has two sizes`)
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

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function corrupt(file: Store, reason: string): SourceError {
  return new SourceError('ERR_CORRUPT_DATA', `${file.path ?? 'the file'} is not a whole zip file: ${reason}`, { path: file.path })
}
