import { type DType, type NdArray, ndarray, slice, type TypedArray, zeros } from '@bioimage/core'
import { bytesOf, createData, itemSizeOf, sizeOf } from '@bioimage/core/backend'
import { copyOf } from '../arrays/elements.js'
import { select, take } from '../arrays/selection.js'
import { check, checkArray, checkRejects } from '../assert.js'
import { type Open, readArray, type Suite } from '../suite.js'

/** What memory around an `out` array is filled with, to see whether it is touched. */
const guardByte = 0xa5

export function testOut(suite: Suite, open: Open): void {
  const { reference } = suite
  const { shape, dtype } = reference
  const index = shape.map((length) => slice(length > 2 ? 1 : 0, null))
  const expected = take(reference, select(shape, index))
  suite.area('out', () => {
    suite.test('fills an array and gives it back', async ({ keep }) => {
      const source = keep(await open())
      const out = zeros(expected.shape, dtype)
      check((await readArray(source, index, { out })).data === out.data, 'get with `out` gave other memory')
      checkArray(out, expected, 'out')
    })
    suite.test('fills an array with gaps between its elements and touches nothing else', async ({ keep }) => {
      const source = keep(await open())
      const out = spreadArray(expected.shape, dtype)
      await source.get(index, { out })
      checkArray(out, expected, 'a strided out')
      checkGaps(out)
    })
    suite.test('fills a reversed and transposed array', async ({ keep }) => {
      const source = keep(await open())
      const out = reversedArray(expected.shape, dtype)
      await source.get(index, { out })
      checkArray(out, expected, 'a reversed out')
    })
    suite.test('fills a typed array', async ({ keep }) => {
      const source = keep(await open())
      const memory = typedArrayFor(dtype, sizeOf(expected.shape))
      if (memory === undefined) {
        // float16 has no typed array of its own in every runtime: its bits are an NdArray's only.
        check(dtype === 'float16', `there is no typed array for ${dtype}`)
        return
      }
      await source.get(index, { out: memory })
      checkArray(
        ndarray(createData(dtype, sizeOf(expected.shape), memory.buffer, memory.byteOffset), expected.shape, dtype),
        expected,
        'a typed array as out'
      )
    })
    suite.test('fills memory that threads share', async ({ keep }) => {
      const source = keep(await open())
      const shared = sharedMemory(bytesOf(expected.data).byteLength + 64)
      const out = { ...zeros(expected.shape, dtype), data: createData(dtype, sizeOf(expected.shape), shared, 32) }
      await source.get(index, { out })
      checkArray(out, expected, 'out on a SharedArrayBuffer')
    })
    suite.test('keeps the axes of the result: integers drop theirs', async ({ keep }) => {
      const source = keep(await open())
      const plane = [-1, ...shape.slice(1).map(() => null), '...'] as const
      const expectedPlane = take(reference, select(shape, plane))
      const out = spreadArray(expectedPlane.shape, dtype)
      await source.get(plane, { out })
      checkArray(out, expectedPlane, 'out of a plane')
      checkGaps(out)
    })
    suite.test('refuses what does not fit, and leaves it as it is', async ({ keep }) => {
      const source = keep(await open())
      const wrongShape = zeros([...expected.shape.slice(1), (expected.shape[0] ?? 0) + 1], dtype)
      const wrongDtype = zeros(expected.shape, dtype === 'float64' ? 'int32' : 'float64')
      const outside: NdArray = { ...zeros(expected.shape, dtype), offset: 1 }
      const short = new Uint8Array(bytesOf(expected.data).byteLength + 1)
      await checkRejects(() => source.get(index, { out: wrongShape }), 'ERR_SHAPE_MISMATCH', 'out of another shape')
      await checkRejects(() => source.get(index, { out: wrongDtype }), 'ERR_DTYPE_MISMATCH', 'out of another dtype')
      await checkRejects(() => source.get(index, { out: outside }), 'ERR_SHAPE_MISMATCH', 'out whose strides leave its data')
      await checkRejects(
        () => source.get(index, { out: short }),
        ['ERR_SHAPE_MISMATCH', 'ERR_DTYPE_MISMATCH'],
        'a typed array of another length'
      )
      for (const { data } of [wrongShape, wrongDtype, outside])
        check(
          bytesOf(data).every((byte) => byte === 0),
          'a refused `out` was changed'
        )
    })
  })
}

/** An array whose elements have gaps between them along every axis, on guarded memory. */
export function spreadArray<D extends DType>(shape: readonly number[], dtype: D): NdArray<D> {
  const stride: number[] = []
  let step = 2
  for (const length of shape.toReversed()) {
    stride.unshift(step)
    step = step * length + 3
  }
  const data = createData(dtype, step + 8)
  bytesOf(data).fill(guardByte)
  return { dtype, shape, stride, offset: 5, data }
}

/** An array that runs backwards along every axis, with the first axis fastest. */
export function reversedArray<D extends DType>(shape: readonly number[], dtype: D): NdArray<D> {
  const stride: number[] = []
  let step = 1
  for (const length of shape) {
    stride.push(-step)
    step *= length
  }
  return { dtype, shape, stride, offset: Math.max(0, step - 1), data: createData(dtype, step) }
}

/** A copy of an array with other strides. */
export function relaid<D extends DType>(array: NdArray<D>, layout: NdArray<D>): NdArray<D> {
  const source = bytesOf(copyOf(array).data)
  const target = bytesOf(layout.data)
  const itemSize = itemSizeOf(array.dtype)
  for (const [at, element] of elementsOf(layout).entries()) {
    target.set(source.subarray(at * itemSize, (at + 1) * itemSize), element * itemSize)
  }
  return layout
}

function checkGaps(out: NdArray): void {
  const used = new Set(elementsOf(out))
  const itemSize = itemSizeOf(out.dtype)
  const bytes = bytesOf(out.data)
  const touched = bytes.findIndex((byte, at) => byte !== guardByte && !used.has(Math.floor(at / itemSize)))
  check(touched < 0, `memory between the elements of \`out\` was changed, at byte ${touched}`)
}

/** The numbers, in `data`, of all elements in C order. */
function elementsOf({ shape, stride, offset = 0 }: NdArray): number[] {
  let elements = [offset]
  for (const [axis, length] of shape.entries()) {
    elements = elements.flatMap((element) => Array.from({ length }, (_, at) => element + at * (stride[axis] ?? 0)))
  }
  return elements
}

/** The typed array that JavaScript has for a dtype. */
export function typedArrayFor(dtype: DType, length: number): TypedArray | undefined {
  const data = createData(dtype, length)
  return data instanceof Object && 'bits' in data ? undefined : data
}

/** Memory that threads can share; browsers without cross-origin isolation give it only to WebAssembly. */
function sharedMemory(byteLength: number): ArrayBufferLike {
  if (typeof SharedArrayBuffer !== 'undefined') return new SharedArrayBuffer(byteLength)
  const pages = Math.ceil(byteLength / 65536)
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }).buffer
}
