import { fieldTypes } from '../src/container/field-types.js'
import { tags } from '../src/container/tags.js'
import { encodeHeader, encodeIfd, ifdBytesOf, type NewField } from '../src/writing/encode-ifd.js'

/** A page of bytes that is stored as one strip. */
export interface TestPage {
  readonly width: number
  readonly length: number
  readonly data: Uint8Array
  readonly description?: string
  /** Fields beside those of every page, or in their place. */
  readonly fields?: readonly NewField[]
}

export const short = (tag: number, ...values: number[]): NewField => ({ tag, type: fieldTypes.short, values })
export const long = (tag: number, ...values: number[]): NewField => ({ tag, type: fieldTypes.long, values })
export const ascii = (tag: number, text: string): NewField => ({
  tag,
  type: fieldTypes.ascii,
  values: [...new TextEncoder().encode(text), 0]
})

/**
 * A classic file of these pages, each as its pixels and its directory: small files that no writer makes.
 *
 * @param start Where the first page begins: what other programs put behind the header goes before.
 */
export function makeTiff(pages: readonly TestPage[], start = 8): Uint8Array<ArrayBuffer> {
  const placed: { readonly offset: number; readonly page: TestPage; readonly fields: readonly NewField[] }[] = []
  let end = start
  for (const page of pages) {
    const fields = fieldsOf(page, end)
    const offset = Math.ceil((end + page.data.byteLength) / 8) * 8
    placed.push({ offset, page, fields })
    end = offset + ifdBytesOf(fields, false)
  }
  const bytes = new Uint8Array(end)
  bytes.set(encodeHeader(false, placed[0]?.offset ?? 0))
  for (const [index, { offset, page, fields }] of placed.entries()) {
    bytes.set(page.data, fields.find(({ tag }) => tag === tags.stripOffsets)?.values[0] ?? 0)
    bytes.set(encodeIfd(fields, offset, placed[index + 1]?.offset ?? 0, false), offset)
  }
  return bytes
}

/** Where the directories of such a file lie. */
export function directoriesOf(bytes: Uint8Array): readonly number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const found: number[] = []
  for (let at = view.getUint32(4, true); at !== 0; at = view.getUint32(at + 2 + 12 * view.getUint16(at, true), true)) found.push(at)
  return found
}

function fieldsOf({ width, length, data, description, fields = [] }: TestPage, start: number): readonly NewField[] {
  const usual = [
    long(tags.imageWidth, width),
    long(tags.imageLength, length),
    short(tags.bitsPerSample, 8),
    short(tags.compression, 1),
    short(tags.photometric, 1),
    ...(description === undefined ? [] : [ascii(tags.imageDescription, description)]),
    long(tags.stripOffsets, start),
    short(tags.samplesPerPixel, 1),
    long(tags.rowsPerStrip, length),
    long(tags.stripByteCounts, data.byteLength)
  ]
  const own = new Set(fields.map(({ tag }) => tag))
  return [...usual.filter(({ tag }) => !own.has(tag)), ...fields].sort((a, b) => a.tag - b.tag)
}
