import { describe, expect, test } from 'vitest'
import { bytesOf, createData, type LinearScaling, scalarAt, stridedAccess, swapBytes } from '../src/backend.js'
import { defineSource } from '../src/define-source.js'
import { componentSizeOf, itemSizeOf } from '../src/dtype.js'
import { type DType, memoryStore, type NdArray, slice } from '../src/index.js'
import { type ScaledDType, scaleStrided } from '../src/strided/scale-strided.js'
import { codeOf } from './helpers/code-of.js'
import { dot, positions } from './helpers/positions.js'
import { Random } from './helpers/random.js'

const realDTypes = ['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64', 'float16', 'float32', 'float64'] as const
const complexDTypes = ['complex64', 'complex128'] as const
const scalings = [
  [2, 1],
  [1 / 3, 0.1],
  [1, 5],
  [-0.5, 0],
  [1, 0]
] as const

/** One element by the rule, part by part. */
function expectedOf(stored: number, slope: number, intercept: number, dtype: ScaledDType): number {
  const product = slope === 1 ? stored : stored * slope
  const sum = intercept === 0 ? product : product + intercept
  return dtype === 'float32' || dtype === 'complex64' ? Math.fround(sum) : sum
}

const partsOf = (value: unknown): number[] => (Array.isArray(value) ? value.map(Number) : [Number(value)])

describe('scaleStrided', () => {
  test.each([...realDTypes, ...complexDTypes])('scales random boxes of %s as a loop over elements does', (storedDType) => {
    const random = new Random(storedDType.length * 31)
    const itemSize = itemSizeOf(storedDType)
    const targets: readonly ScaledDType[] = storedDType.startsWith('complex') ? complexDTypes : ['float32', 'float64']
    for (let round = 0; round < 60; round++) {
      const shape = Array.from({ length: random.integer(0, 3) }, () => random.pick([0, 1, 2, 3, 5, 20]))
      const dtype = random.pick(targets)
      const odd = random.chance(0.2)
      const strides = (size: number, gaps: boolean): { strides: number[]; end: number } => {
        const strides = shape.map(() => 0)
        let step = size
        for (const axis of random.shuffle(shape.map((_, axis) => axis))) {
          if (gaps && random.chance(0.3)) step += odd ? random.integer(1, 9) : size * random.integer(1, 4)
          strides[axis] = step
          step *= Math.max(1, shape[axis] ?? 1)
        }
        return { strides, end: step }
      }
      const from = strides(itemSize, true)
      const to = strides(itemSizeOf(dtype), false)
      const shift = odd ? 3 : 0
      const source = new Uint8Array(random.bytes(from.end + shift).buffer, shift)
      const sourceStrides = [...from.strides]
      let sourceOffset = 0
      for (const [axis, stride] of sourceStrides.entries()) {
        if (!random.chance(0.3)) continue
        sourceOffset += stride * Math.max(0, (shape[axis] ?? 1) - 1)
        sourceStrides[axis] = -stride
      }
      const destination = createData(dtype, to.end / itemSizeOf(dtype))
      const [slope, intercept] = random.pick(scalings)
      scaleStrided({
        shape,
        itemSize,
        source,
        sourceOffset,
        sourceStrides,
        destination: bytesOf(destination),
        destinationOffset: 0,
        destinationStrides: to.strides,
        storedDType,
        slope,
        intercept,
        dtype
      })
      const wrong: number[][] = []
      for (const at of positions(shape)) {
        const place = sourceOffset + dot(at, sourceStrides)
        const stored = partsOf(scalarAt(storedDType, createData(storedDType, 1, source.slice(place, place + itemSize).buffer), 0))
        const found = partsOf(scalarAt(dtype, destination, dot(at, to.strides) / itemSizeOf(dtype)))
        const expected = stored.map((value, part) => expectedOf(value, slope, part === 0 ? intercept : 0, dtype))
        if (!found.every((value, part) => Object.is(value, expected[part]))) wrong.push([...at])
      }
      expect(wrong).toEqual([])
    }
  })

  test('takes rows longer than a block', () => {
    const stored = Uint16Array.from({ length: 10_001 }, (_, at) => at * 7)
    const destination = new Float64Array(stored.length)
    const box = { shape: [stored.length], itemSize: 2, source: bytesOf(stored), sourceOffset: 0, sourceStrides: [2] }
    const scaling = { storedDType: 'uint16', slope: 0.1, intercept: -3, dtype: 'float64' } as const
    scaleStrided({ ...box, destination: bytesOf(destination), destinationOffset: 0, destinationStrides: [8], ...scaling })
    expect(destination).toEqual(Float64Array.from(stored, (value) => value * 0.1 - 3))
  })

  test('refuses complex values as real ones', async () => {
    const box = { shape: [1], itemSize: 8, source: new Uint8Array(8), sourceOffset: 0, sourceStrides: [8] }
    const scaling = { storedDType: 'complex64', slope: 2, intercept: 0, dtype: 'float64' } as const
    const scale = async (): Promise<void> =>
      scaleStrided({ ...box, destination: new Uint8Array(8), destinationOffset: 0, destinationStrides: [8], ...scaling })
    expect(await codeOf(scale())).toBe('ERR_INVALID_ARGUMENT')
  })
})

describe('a strided layout with scaling', () => {
  const shape = [4, 5, 6]
  const stored = Int16Array.from({ length: 120 }, (_, at) => at * 37 - 2000)

  const sourceOf = <D extends ScaledDType>(dtype: D, byteOrder: 'little' | 'big', scaling: LinearScaling) => {
    const bytes = bytesOf(stored.slice())
    if (byteOrder === 'big') swapBytes(bytes, componentSizeOf('int16'))
    const file = new Uint8Array(7 + bytes.length)
    file.set(bytes, 7)
    const store = memoryStore([['', file]])
    const layout = { shape, dtype, byteOrder, strides: [60, -12, 2], parts: [{ key: '', offset: 7 + 48 }], scaling } as const
    return defineSource({ kind: 'scaled', shape, dtype, access: stridedAccess(store, layout) })
  }

  test.each(['little', 'big'] as const)('gives scaled regions of a %s-endian file', async (byteOrder) => {
    const source = sourceOf('float32', byteOrder, { storedDType: 'int16', slope: 0.5, intercept: 1 })
    const value = (z: number, y: number, x: number): number => (stored[z * 30 + (4 - y) * 6 + x] ?? Number.NaN) * 0.5 + 1
    expect(await source.get([1, 2, 3])).toBe(value(1, 2, 3))
    const region: NdArray<DType> = await source.get([slice(1, 4, 2), slice(0, 5, 3), slice(1, 6)])
    expect(region.dtype).toBe('float32')
    expect(region.data).toEqual(Float32Array.from([1, 3].flatMap((z) => [0, 3].flatMap((y) => [1, 2, 3, 4, 5].map((x) => value(z, y, x))))))
    const out = { dtype: 'float32', shape: [5, 4], stride: [1, 5], data: new Float32Array(20) } as const
    await source.get([0, slice(0, 5), slice(0, 4)], { out })
    expect(out.data).toEqual(Float32Array.from({ length: 20 }, (_, at) => value(0, at % 5, Math.floor(at / 5))))
  })

  test('gives floats only', () => {
    const layout = { shape, byteOrder: 'little', strides: [60, 12, 2], parts: [{ key: '', offset: 0 }] } as const
    const scaling = { storedDType: 'int16', slope: 2, intercept: 0 } as const
    expect(() => stridedAccess(memoryStore(), { ...layout, dtype: 'int32', scaling })).toThrow(/floats or complex/)
  })
})
