import type { ReadOptions } from '../container/block-reader.js'
import type { TiffFile } from '../container/tiff-file.js'
import { type Page, readPage } from '../page/page.js'

/** Pages kept once they are read; a stack has thousands, and their directories are small. */
const keptPages = 4096

/** The pages of the main chain of a file. */
export class PageList {
  readonly file: TiffFile
  readonly #pages = new Map<number, Page>()

  constructor(file: TiffFile) {
    this.file = file
  }

  /** The page of that number; `undefined` behind the last one. */
  async page(index: number, options: ReadOptions): Promise<Page | undefined> {
    const known = this.#pages.get(index)
    if (known !== undefined) return known
    const ifd = await this.file.page(index, options)
    return ifd === undefined ? undefined : this.#keep(index, await readPage(this.file, ifd, options))
  }

  /** The page whose directory lies at an offset. */
  async at(offset: number, options: ReadOptions): Promise<Page> {
    return readPage(this.file, await this.file.readIfd(offset, options), options)
  }

  /** Number of pages: walks the whole chain. */
  count(options: ReadOptions): Promise<number> {
    return this.file.pageCount(options)
  }

  #keep(index: number, page: Page): Page {
    if (this.#pages.size >= keptPages) this.#pages.clear()
    this.#pages.set(index, page)
    return page
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
