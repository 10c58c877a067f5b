import { corrupt } from '../errors.js'
import type { BlockReader, ReadOptions } from './block-reader.js'
import { numberAt, sizeOfType } from './field-types.js'
import { tags } from './tags.js'

/** Byte order and size of offsets of a file. */
export interface TiffFormat {
  readonly littleEndian: boolean
  /** BigTIFF: offsets and counts have 64 bits. */
  readonly big: boolean
}

/** One field of a directory. Its values lie in the entry itself or elsewhere. */
export interface IfdEntry {
  readonly tag: number
  readonly type: number
  readonly count: number
  /** The values, where they lie in the entry. */
  readonly inline: Uint8Array | undefined
  readonly offset: number
}

/** More fields than any writer makes: directories of damage have tens of thousands. */
const maximalEntries = 4096
/** Texts longer than this, also of one tag together, are no descriptions. */
const maximalText = 256 << 20
const knownTags: ReadonlySet<number> = new Set(Object.values(tags))

/** A directory of fields: what describes one page. */
export class Ifd {
  readonly offset: number
  /** Where the next directory lies; 0 for the last one. */
  readonly next: number
  readonly #reader: BlockReader
  readonly #format: TiffFormat
  readonly #entries: ReadonlyMap<number, IfdEntry>
  /** Further entries of a tag that occurs more than once. */
  readonly #repeated: readonly IfdEntry[]

  constructor(offset: number, next: number, reader: BlockReader, format: TiffFormat, entries: readonly IfdEntry[]) {
    this.offset = offset
    this.next = next
    this.#reader = reader
    this.#format = format
    const map = new Map<number, IfdEntry>()
    const repeated: IfdEntry[] = []
    for (const entry of entries) {
      if (map.has(entry.tag)) repeated.push(entry)
      else map.set(entry.tag, entry)
    }
    this.#entries = map
    this.#repeated = repeated
  }

  /** Bytes of the file that it is in. */
  get fileSize(): number {
    return this.#reader.size
  }

  /** Number of fields that are kept. */
  get size(): number {
    return this.#entries.size + this.#repeated.length
  }

  entry(tag: number): IfdEntry | undefined {
    return this.#entries.get(tag)
  }

  /** Number of values of a field; 0 if it is not there. */
  count(tag: number): number {
    return this.#entries.get(tag)?.count ?? 0
  }

  /** The first value of a numeric field. */
  async number(tag: number, options: ReadOptions): Promise<number | undefined> {
    const entry = this.#entries.get(tag)
    if (entry === undefined || entry.count === 0) return undefined
    const [value] = await this.#numbers(entry, 0, 1, options)
    return value
  }

  /** Values of a numeric field, from `start` on; `undefined` if it is not there. */
  async numbers(tag: number, options: ReadOptions, start = 0, count?: number): Promise<Float64Array | undefined> {
    const entry = this.#entries.get(tag)
    return entry === undefined ? undefined : this.#numbers(entry, start, count ?? entry.count - start, options)
  }

  /** The first values of a numeric field, `most` or as many as there are; none if it is not there. */
  async firstNumbers(tag: number, most: number, options: ReadOptions): Promise<readonly number[]> {
    return [...((await this.numbers(tag, options, 0, Math.min(this.count(tag), most))) ?? [])]
  }

  /** The bytes of a field of any type. */
  async bytes(tag: number, options: ReadOptions): Promise<Uint8Array | undefined> {
    const entry = this.#entries.get(tag)
    return entry === undefined ? undefined : this.#bytes(entry, 0, entry.count, options)
  }

  /** A text, without the zeros behind it. */
  async text(tag: number, options: ReadOptions): Promise<string | undefined> {
    const entry = this.#entries.get(tag)
    return entry === undefined ? undefined : this.#text(entry, options)
  }

  /** The texts of a tag that may occur several times. */
  async texts(tag: number, options: ReadOptions): Promise<readonly string[]> {
    const entries = [this.#entries.get(tag), ...this.#repeated.filter((entry) => entry.tag === tag)]
    const total = entries.reduce((sum, entry) => sum + (entry?.count ?? 0), 0)
    if (total > maximalText) throw corrupt(`the texts of tag ${tag} have ${total} bytes`)
    const texts: string[] = []
    for (const entry of entries) if (entry !== undefined) texts.push(await this.#text(entry, options))
    return texts
  }

  async #text(entry: IfdEntry, options: ReadOptions): Promise<string> {
    if (entry.count > maximalText) throw corrupt(`a text of tag ${entry.tag} has ${entry.count} bytes`)
    const bytes = await this.#bytes(entry, 0, entry.count, options)
    const end = bytes.indexOf(0)
    const content = end < 0 ? bytes : bytes.subarray(0, end)
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(content)
    } catch {
      return new TextDecoder('latin1').decode(content)
    }
  }

  async #numbers(entry: IfdEntry, start: number, count: number, options: ReadOptions): Promise<Float64Array> {
    const bytes = await this.#bytes(entry, start, count, options)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const size = sizeOfType(entry.type) ?? 1
    const values = new Float64Array(count)
    for (let index = 0; index < count; index++) values[index] = numberAt(view, index * size, entry.type, this.#format.littleEndian)
    return values
  }

  async #bytes(entry: IfdEntry, start: number, count: number, options: ReadOptions): Promise<Uint8Array> {
    const size = sizeOfType(entry.type)
    if (size === undefined) throw corrupt(`tag ${entry.tag} has values of type ${entry.type}, which does not exist`)
    if (start < 0 || start + count > entry.count) throw corrupt(`tag ${entry.tag} has ${entry.count} values, expected ${start + count}`)
    if (entry.inline !== undefined) return entry.inline.subarray(start * size, (start + count) * size)
    return this.#reader.read(entry.offset + start * size, count * size, options)
  }
}

/**
 * Reads the directory at an offset.
 *
 * @throws ERR_CORRUPT_DATA if it does not lie in the file or has an impossible number of fields.
 */
export async function readIfd(reader: BlockReader, format: TiffFormat, offset: number, options: ReadOptions): Promise<Ifd> {
  const { littleEndian, big } = format
  const countBytes = big ? 8 : 2
  const entryBytes = big ? 20 : 12
  const valueBytes = big ? 8 : 4
  const head = await reader.read(offset, countBytes, options)
  const headView = new DataView(head.buffer, head.byteOffset, head.byteLength)
  const count = big ? Number(headView.getBigUint64(0, littleEndian)) : headView.getUint16(0, littleEndian)
  if (count === 0 || count > maximalEntries) throw corrupt(`the directory at byte ${offset} has ${count} fields`)
  const length = count * entryBytes
  const bytes = await reader.read(offset + countBytes, length, options)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const entries: IfdEntry[] = []
  for (let at = 0; at < length; at += entryBytes) {
    const tag = view.getUint16(at, littleEndian)
    if (!knownTags.has(tag)) continue
    const type = view.getUint16(at + 2, littleEndian)
    const values = big ? Number(view.getBigUint64(at + 4, littleEndian)) : view.getUint32(at + 4, littleEndian)
    const place = at + entryBytes - valueBytes
    const isInline = (sizeOfType(type) ?? 1) * values <= valueBytes
    entries.push({
      tag,
      type,
      count: values,
      inline: isInline ? bytes.slice(place, place + valueBytes) : undefined,
      offset: offsetAt(view, place, format)
    })
  }
  return new Ifd(offset, await nextOffset(reader, format, offset + countBytes + length, options), reader, format, entries)
}

/** A file may end right behind its last directory, without the zero that says so. */
async function nextOffset(reader: BlockReader, format: TiffFormat, offset: number, options: ReadOptions): Promise<number> {
  const length = format.big ? 8 : 4
  if (offset + length > reader.size) return 0
  const bytes = await reader.read(offset, length, options)
  return offsetAt(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0, format)
}

function offsetAt(view: DataView, place: number, { big, littleEndian }: TiffFormat): number {
  return big ? Number(view.getBigUint64(place, littleEndian)) : view.getUint32(place, littleEndian)
}
