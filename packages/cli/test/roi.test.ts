import { type Index, slice } from '@bioimage/core'
import { normalizeIndex } from '@bioimage/core/backend'
import { describe, expect, it } from 'vitest'
import { UsageError } from '../src/failure.js'
import { parseRoi } from '../src/roi.js'

describe('parseRoi', () => {
  it.each<[string, Index]>([
    ['5', [5]],
    ['-1', [-1]],
    [':', [slice(null, null)]],
    ['0:16,:,5', [slice(0, 16), slice(null, null), 5]],
    ['...,::2', ['...', slice(null, null, 2)]],
    [' [ -10: , :-3, 1:9:4 ] ', [slice(-10, null), slice(null, -3), slice(1, 9, 4)]]
  ])('%s', (text, expected) => {
    expect(normalizeIndex(parseRoi(text), [40, 41, 42])).toEqual(normalizeIndex(expected, [40, 41, 42]))
  })

  it.each(['', '1,,2', 'a', '1:2:3:4', '1.5', '0x10', '1e3', '1;2', '[1', ':,...x'])('refuses %j', (text) => {
    expect(() => parseRoi(text)).toThrow(UsageError)
  })
})
