import { type Region, slice } from '@bioimage/core'
import { normalizeIndex, wholeRegion } from '@bioimage/core/backend'
import { describe, expect, it } from 'vitest'
import { type Block, blocksOf, bytesOfBlock, countBlocks, planBlocks } from '../src/blocks.js'

/** Marks every position that the blocks cover and checks that their index selects what they say. */
function coverage(region: Region, shape: readonly number[], blocks: readonly Block[]): number[] {
  const marks = new Array<number>(region.shape.reduce((product, length) => product * length, 1)).fill(0)
  for (const block of blocks) {
    const { region: selected } = normalizeIndex(block.index, shape)
    expect(selected.shape).toEqual(block.shape)
    expect(selected.step).toEqual(region.step)
    expect(selected.start).toEqual(block.position.map((at, axis) => (region.start[axis] ?? 0) + at * (region.step[axis] ?? 1)))
    const walk = (axis: number, index: number): void => {
      if (axis === region.shape.length) marks[index] = (marks[index] ?? 0) + 1
      else
        for (let at = 0; at < (block.shape[axis] ?? 0); at++)
          walk(axis + 1, index * (region.shape[axis] ?? 1) + (block.position[axis] ?? 0) + at)
    }
    walk(0, 0)
  }
  return marks
}

describe('blocksOf', () => {
  it.each([
    { shape: [10, 7], index: ['...' as const], block: [4, 3] },
    { shape: [10, 7], index: [slice(3, 9), slice(2, 7)], block: [4, 3] },
    { shape: [23, 9, 5], index: [slice(1, 23, 3), 4, slice(null, null, 2)], block: [4, 2, 5] },
    { shape: [23], index: [slice(2, 23, 7)], block: [3] },
    { shape: [6, 6], index: [slice(0, 6), slice(0, 6)], block: [100, 100] }
  ])('covers $index of $shape once, in blocks of $block', ({ shape, index, block }) => {
    const { region } = normalizeIndex(index, shape)
    const blocks = [...blocksOf(region, block)]
    expect(coverage(region, shape, blocks).every((count) => count === 1)).toBe(true)
    expect(countBlocks(region, block)).toBe(blocks.length)
    for (const { index: entries } of blocks) {
      const { start, shape: lengths, step } = normalizeIndex(entries, shape).region
      const rows = start.map((first, axis) => [first, first + ((lengths[axis] ?? 1) - 1) * (step[axis] ?? 1)])
      // No block reaches over a multiple of the block's shape.
      for (const [axis, [first = 0, last = 0]] of rows.entries())
        expect(Math.floor(first / (block[axis] ?? 1))).toBe(Math.floor(last / (block[axis] ?? 1)))
    }
  })

  it('gives one block for a scalar and none for an empty region', () => {
    expect([...blocksOf(wholeRegion([]), [])]).toEqual([{ index: [], position: [], shape: [] }])
    expect([...blocksOf(wholeRegion([3, 0]), [1, 1])]).toEqual([])
  })
})

describe('planBlocks', () => {
  it('gives whole units within the bytes', () => {
    const region = wholeRegion([1000, 1000, 1000])
    const block = planBlocks({ region, itemSize: 2, maxBytes: 32 << 20, unit: [64, 64, 64], readChunks: [64, 64, 64] })
    expect(block.every((length) => length % 64 === 0)).toBe(true)
    expect(bytesOfBlock(block, region, 2)).toBeLessThanOrEqual(32 << 20)
    expect(bytesOfBlock(block, region, 2)).toBeGreaterThan(4 << 20)
  })

  it('grows along long chunks of the input, so that they are not decoded again and again', () => {
    const region = wholeRegion([512, 512, 512])
    const block = planBlocks({ region, itemSize: 1, maxBytes: 16 << 20, unit: [16, 16, 16], readChunks: [1, 512, 512] })
    expect(block.slice(1)).toEqual([512, 512])
  })

  it('takes everything where there is room, and never less than a unit', () => {
    expect(planBlocks({ region: wholeRegion([10, 10]), itemSize: 8, maxBytes: 1 << 20 })).toEqual([10, 10])
    expect(planBlocks({ region: wholeRegion([100, 100]), itemSize: 8, maxBytes: 1, unit: [64, 64] })).toEqual([64, 64])
  })

  it('counts only what a region selects', () => {
    const { region } = normalizeIndex([slice(null, null, 10), 3], [1000, 50])
    expect(planBlocks({ region, itemSize: 1, maxBytes: 100 })).toEqual([1000, 4])
  })
})
