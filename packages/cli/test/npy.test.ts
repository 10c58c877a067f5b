import { dtypes, itemSizeOf } from '@bioimage/core/backend'
import { describe, expect, it } from 'vitest'
import { npyHeader } from '../src/npy.js'
import { parseNpy } from './parse-npy.js'

describe('npyHeader', () => {
  it('is what numpy writes', () => {
    // numpy 2.0: numpy.save of zeros((2, 3), '<u2'), the bytes before the elements.
    const text = "\x93NUMPY\x01\x00v\x00{'descr': '<u2', 'fortran_order': False, 'shape': (2, 3), }"
    expect(Buffer.from(npyHeader([2, 3], 'uint16'))).toEqual(Buffer.from(`${text.padEnd(127)}\n`, 'latin1'))
  })

  it.each(dtypes)('describes %s', (dtype) => {
    const parsed = parseNpy(Buffer.concat([npyHeader([3, 1, 2], dtype), Buffer.alloc(6 * itemSizeOf(dtype))]))
    expect(parsed).toMatchObject({ dtype, shape: [3, 1, 2] })
  })

  it('writes shapes of any rank as Python tuples', () => {
    expect(Buffer.from(npyHeader([], 'float32')).toString('latin1')).toContain("'shape': (), ")
    expect(Buffer.from(npyHeader([7], 'float32')).toString('latin1')).toContain("'shape': (7,), ")
    expect(npyHeader(new Array<number>(60).fill(1), 'bool').length % 64).toBe(0)
  })
})
