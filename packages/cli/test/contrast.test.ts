import { describe, expect, it } from 'vitest'
import { percentileWindow, stretch } from '../src/contrast.js'
import { colorLabels } from '../src/label-colors.js'

describe('percentileWindow', () => {
  it('agrees with numpy', () => {
    // numpy.percentile([7, 1, 3, 10, 4], [10, 90]) gives 1.8 and 8.8
    const { low, high } = percentileWindow(Float64Array.of(7, 1, 3, 10, 4), [10, 90])
    expect([low, high]).toEqual([expect.closeTo(1.8, 12), expect.closeTo(8.8, 12)])
  })

  it('leaves out what is not finite', () => {
    const values = Float64Array.of(Number.NaN, 2, Number.POSITIVE_INFINITY, 4, Number.NEGATIVE_INFINITY)
    expect(percentileWindow(values, [0, 100])).toEqual({ low: 2, high: 4 })
    expect(percentileWindow(Float64Array.of(Number.NaN), [0, 100])).toEqual({ low: 0, high: 0 })
  })
})

describe('stretch', () => {
  it('maps the window to 0 to 255 and clips', () => {
    const values = Float64Array.of(-5, 0, 50, 100, 1000, Number.NaN, Number.POSITIVE_INFINITY)
    expect([...stretch(values, { low: 0, high: 100 })]).toEqual([0, 0, 128, 255, 255, 0, 255])
  })

  it('draws a constant black', () => {
    expect([...stretch(Float64Array.of(3, 3), { low: 3, high: 3 })]).toEqual([0, 0])
  })
})

describe('colorLabels', () => {
  const colorOf = (label: number): string => [...colorLabels([label])].join()

  it('draws 0 black and a label always in the same colour', () => {
    expect(colorOf(0)).toBe('0,0,0')
    expect([...colorLabels([9, 0, 7])].slice(6)).toEqual([...colorLabels([7])])
  })

  it('tells labels apart, large ones too', () => {
    const labels = [...Array.from({ length: 100 }, (_, at) => at + 1), 2 ** 31, 2 ** 32, 2 ** 40, 2 ** 41, 3 * 2 ** 40, -1, -2]
    expect(new Set(labels.map(colorOf)).size).toBeGreaterThan(labels.length - 3)
    for (const label of labels) expect(Math.max(...colorLabels([label]))).toBeGreaterThan(180)
  })
})
