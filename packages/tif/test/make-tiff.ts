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

/** A classic file of these pages, each as its pixels and its directory: small files that no writer makes. */
export function makeTiff(pages: readonly TestPage[]): Uint8Array {
  const placed: { readonly offset: number; readonly page: TestPage; readonly fields: readonly NewField[] }[] = []
  let end = 8
  for (const page of pages) {
    const start = end
    const fields = fieldsOf(page, start)
    const offset = Math.ceil((start + page.data.byteLength) / 8) * 8
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
