import { LoadingCache } from '@bioimage/core/backend'
import type { ReadOptions } from '../container/block-reader.js'
import { tags } from '../container/tags.js'
import type { TiffFile } from '../container/tiff-file.js'
import { corrupt } from '../errors.js'
import { type Page, readPage } from '../page/page.js'

/** Bytes of pages that are kept once they are read: those of some ten thousand. */
const keptPages = 64 << 20
/** More than any pyramid has. */
const maximalSubIfds = 1024

/** The pages of a file, each read once as long as there is room. */
export class PageList {
  readonly file: TiffFile
  readonly #pages = new LoadingCache<Page>(keptPages, ({ ifd }) => 2048 + 128 * ifd.size)

  constructor(file: TiffFile) {
    this.file = file
  }

  /** The page of that number in the main chain; `undefined` behind the last one. */
  async page(index: number, options: ReadOptions): Promise<Page | undefined> {
    const offset = await this.file.offsetOf(index, options)
    return offset === undefined ? undefined : this.at(offset, options)
  }

  /** The page whose directory lies at an offset. */
  async at(offset: number, options: ReadOptions): Promise<Page> {
    const read = async (): Promise<Page> => readPage(this.file, await this.file.readIfd(offset, options), options)
    return (await this.#pages.fetch(String(offset), options.signal, read)) ?? read()
  }

  /** Number of pages: walks the whole chain. */
  count(options: ReadOptions): Promise<number> {
    return this.file.pageCount(options)
  }
}

const lists = new WeakMap<TiffFile, PageList>()

/** The pages of a file; the same object each time. */
export function pagesOf(file: TiffFile): PageList {
  const known = lists.get(file)
  if (known !== undefined) return known
  const list = new PageList(file)
  lists.set(file, list)
  return list
}

/**
 * Number of pages that a page points to: its coarser levels (TIFF Technical Note 1).
 *
 * @throws ERR_CORRUPT_DATA for more than any pyramid has.
 */
export function subPageCount({ ifd }: Page): number {
  const count = ifd.count(tags.subIfds)
  if (count > maximalSubIfds)
    throw corrupt(`the page at byte ${ifd.offset} points to ${count} other pages, more than the limit of ${maximalSubIfds}`)
  return count
}

/** Where the directory of such a page lies; `undefined` if there is none of that number. */
export async function subPageOffset(page: Page, index: number, options: ReadOptions): Promise<number | undefined> {
  if (index >= subPageCount(page)) return undefined
  const [offset = 0] = (await page.ifd.numbers(tags.subIfds, options, index, 1)) ?? []
  // The header is at 0.
  return offset < 8 ? undefined : offset
}

/** A page that a page points to, by its number from 0; `undefined` if there is none. */
export async function subPage(page: Page, index: number, options: ReadOptions): Promise<Page | undefined> {
  const offset = await subPageOffset(page, index, options)
  return offset === undefined ? undefined : pagesOf(page.file).at(offset, options)
}
