import { describe, expect, it } from 'vitest'
import { describeError, exitCodeOf, InterruptedError, UsageError } from '../src/failure.js'
import * as options from '../src/options.js'
import { toJson } from '../src/session.js'
import { formatTree } from '../src/table.js'
import { formatAxes, formatBytes, formatNumber, parseBytes } from '../src/units.js'

describe('options', () => {
  it('reads shapes', () => {
    expect(options.shape('--chunks')('64,64, 32')).toEqual([64, 64, 32])
    for (const text of ['', '0,1', '-1', '1.5', 'a', '64,,64']) expect(() => options.shape('--chunks')(text)).toThrow(UsageError)
  })

  it('reads codecs as chains that backends know', () => {
    expect(options.codec('zstd:7')).toEqual([{ id: 'zstd', level: 7 }])
    expect(options.codec('gzip')).toEqual([{ id: 'gzip', level: 5 }])
    expect(options.codec('blosc-lz4')).toEqual([{ id: 'blosc', cname: 'lz4', clevel: 5 }])
    expect(options.codec('none')).toEqual([])
    for (const text of ['', 'zip', 'none:3', 'zstd:', 'zstd:x', 'toString']) expect(() => options.codec(text)).toThrow(UsageError)
  })

  it('reads percentiles, ranges, slices, parameters', () => {
    expect(options.percentiles('1,99.5')).toEqual([1, 99.5])
    expect(options.range('-3,1e3')).toEqual([-3, 1000])
    for (const text of ['1', '5,5', '9,1', '0,101', 'a,b', '1,2,3', ',5']) expect(() => options.percentiles(text)).toThrow(UsageError)
    expect(options.axisIndices('t=-1', options.axisIndices('z=10'))).toEqual({ z: 10, t: -1 })
    for (const text of ['z', 'z=', '=1', 'z=1.5']) expect(() => options.axisIndices(text)).toThrow(UsageError)
    const read = options.parameters('--output-option')
    expect(read('order=F', read('zarrVersion=2'))).toEqual({ zarrVersion: 2, order: 'F' })
    expect(() => read('order')).toThrow(UsageError)
  })

  it('reads bytes', () => {
    expect([parseBytes('256MiB'), parseBytes('1g'), parseBytes('64 KB'), parseBytes('100')]).toEqual([2 ** 28, 2 ** 30, 2 ** 16, 100])
    for (const text of ['', 'MiB', '1x', '-1', '1 2']) expect(parseBytes(text)).toBeUndefined()
    expect(() => options.memory('1KiB')).toThrow(UsageError)
  })
})

describe('output', () => {
  it('formats bytes, numbers and axes', () => {
    expect([0, 1023, 1024, 1536 * 1024, 2 ** 40 * 300].map(formatBytes)).toEqual(['0 B', '1023 B', '1.0 KiB', '1.5 MiB', '300 TiB'])
    expect([1 / 3, 2 ** 70, 123456.78901, Number.NaN].map(formatNumber)).toEqual(['0.3333333', '1.1805916207174113e+21', '123456.8', 'NaN'])
    const axes = formatAxes({
      axes: [
        { name: 't', type: 'time' },
        { name: 'x', type: 'space', scale: 0.1, unit: 'micrometer' }
      ]
    })
    expect(axes).toBe('t (time), x 0.1 µm')
  })

  it('draws trees', () => {
    const leaves = [
      { path: 'raw/0', lines: ['first', 'more'] },
      { path: 'raw/10', lines: ['second'] },
      { path: 'labels', lines: ['third'] }
    ]
    expect(formatTree(leaves)).toEqual(['├── raw', '│   ├── 0   first', '│   │       more', '│   └── 10  second', '└── labels  third'])
    expect(formatTree([{ path: '', lines: ['alone', 'more'] }])).toEqual(['alone', 'more'])
  })

  it('keeps large integers and odd numbers in JSON', () => {
    const text = toJson({ small: 5n, large: 2n ** 60n, nan: Number.NaN, infinite: [Number.NEGATIVE_INFINITY] })
    expect(JSON.parse(text)).toEqual({ small: 5, large: '1152921504606846976', nan: 'NaN', infinite: ['-Infinity'] })
  })
})

describe('describeError', () => {
  it('is one line with a code', () => {
    expect(describeError(new UsageError('two\n  lines'), false)).toBe('bioimage: two lines [ERR_USAGE]')
    expect(describeError(Object.assign(new Error('full'), { code: 'ENOSPC' }), false)).toBe('bioimage: full [ERR_ENOSPC]')
    expect(describeError('text', false)).toBe('bioimage: text [ERR_INTERNAL]')
  })

  it('shows stack and cause on request', () => {
    const text = describeError(new Error('above', { cause: new Error('below') }), true)
    expect(text).toMatch(/^bioimage: above.*\nError: above\n[\s\S]*caused by: Error: below/)
  })

  it('goes with an exit code', () => {
    expect([new Error('x'), new UsageError('x'), new InterruptedError('SIGINT'), new InterruptedError('SIGTERM')].map(exitCodeOf)).toEqual([
      1, 2, 130, 143
    ])
  })
})
