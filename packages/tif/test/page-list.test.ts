import { memoryStore } from '@bioimage/core'
import { expect, it } from 'vitest'
import { TiffFile } from '../src/container/tiff-file.js'
import { pagesOf, subPage } from '../src/series/page-list.js'
import { directoriesOf, long, makeTiff } from './make-tiff.js'

it('a page is read once, however it is found', async () => {
  const pages = (below: number) => [1, 2].map(() => ({ width: 2, length: 2, data: new Uint8Array(4), fields: [long(330, below)] }))
  const [, second = 0] = directoriesOf(makeTiff(pages(0)))
  const list = pagesOf(await TiffFile.open(memoryStore([['', makeTiff(pages(second))]]), '', {}))
  const [one, other] = await Promise.all([list.page(1, {}), list.at(second, {})])
  expect(one).toBe(other)
  const first = await list.page(0, {})
  expect(first === undefined ? undefined : await subPage(first, 0, {})).toBe(one)
  expect(await list.page(2, {})).toBeUndefined()
})
