import { describe, expect, test } from 'vitest'
import { bytesOf, createData, defineSource, itemSizeOf, type StridedLayout, stridedAccess } from '../src/backend.js'
import { type DType, memoryStore, type NdArray, slice, toNested } from '../src/index.js'
import { readStrided, type StridedRead } from '../src/strided/read-strided.js'
import { codeOf } from './helpers/code-of.js'
import { dot, positions } from './helpers/positions.js'
import { Random } from './helpers/random.js'
import { recordingStore, settle } from './helpers/recording-store.js'

const swapSizes = new Map([
  [1, [1]],
  [2, [1, 2]],
  [4, [1, 2, 4]],
  [8, [1, 4, 8]],
  [16, [1, 8]]
])

function swapped(item: readonly number[], size: number): number[] {
  return Array.from({ length: item.length / size }, (_, at) => item.slice(at * size, (at + 1) * size).reverse()).flat()
}

describe('readStrided', () => {
  test.each([1, 2, 4, 8, 16])('reads random boxes of %i-byte elements as a loop over elements does', async (itemSize) => {
    const random = new Random(itemSize)
    for (let round = 0; round < 250; round++) {
      const shape = Array.from({ length: random.integer(0, 4) }, () => random.pick([0, 1, 2, 3, 5]))
      const odd = random.chance(0.3)
      const sourceStrides = shape.map(() => 0)
      let step = itemSize
      for (const axis of random.shuffle(shape.map((_, axis) => axis))) {
        if (random.chance(0.1)) continue
        if (random.chance(0.4)) step += odd ? random.integer(0, 9) : itemSize * random.integer(0, 5)
        // Now and then a gap that is not worth reading along.
        if (random.chance(0.08)) step += itemSize * 4096
        sourceStrides[axis] = step
        step *= shape[axis] ?? 1
      }
      let sourceOffset = random.integer(0, 40)
      const object = random.bytes(Math.min(sourceOffset + step, 200_000))
      if (object.length < sourceOffset + step) continue
      for (const [axis, stride] of sourceStrides.entries()) {
        if (!random.chance(0.3)) continue
        sourceOffset += stride * Math.max(0, (shape[axis] ?? 1) - 1)
        sourceStrides[axis] = -stride
      }
      const order = random.chance(0.6) ? shape.map((_, axis) => axis) : random.shuffle(shape.map((_, axis) => axis))
      const destinationStrides = shape.map(() => 0)
      let size = itemSize
      for (const axis of order.toReversed()) {
        destinationStrides[axis] = size
        size *= shape[axis] ?? 1
      }
      const swapSize = random.pick(swapSizes.get(itemSize) ?? [1])
      const shared = random.chance(0.2)
      const destination = new Uint8Array(shared ? new SharedArrayBuffer(size + 3) : new ArrayBuffer(size + 3), 3)
      const expected = new Uint8Array(size)
      for (const at of positions(shape)) {
        const from = sourceOffset + dot(at, sourceStrides)
        expected.set(swapped(Array.from(object.subarray(from, from + itemSize)), swapSize), dot(at, destinationStrides))
      }
      const { store, objects } = recordingStore([['x', object]], { remote: random.chance(0.5) })
      const read = {
        store,
        key: 'x',
        shape,
        itemSize,
        swapSize,
        sourceOffset,
        sourceStrides,
        destination,
        destinationOffset: 0,
        destinationStrides
      }
      await readStrided([read], { concurrency: random.integer(1, 4) })
      expect(Array.from(destination), JSON.stringify({ round, shape, sourceOffset, sourceStrides, destinationStrides, swapSize })).toEqual(
        Array.from(expected)
      )
      expect(Array.from((await objects.get('x')) ?? [])).toEqual(Array.from(object))
    }
  })

  /** Offsets and lengths of the requests for a box of bytes. */
  async function requestsFor(
    change: Partial<StridedRead>,
    remote = false,
    size = 1 << 20
  ): Promise<[number | undefined, number | undefined][]> {
    const { store, requests } = recordingStore([['x', new Uint8Array(size)]], { remote })
    const shape = change.shape ?? []
    let step = 1
    const destinationStrides = shape
      .toReversed()
      .map((length) => {
        const stride = step
        step *= length
        return stride
      })
      .reverse()
    const destination = new Uint8Array(step)
    const read = {
      store,
      key: 'x',
      shape,
      itemSize: 1,
      swapSize: 1,
      sourceOffset: 0,
      sourceStrides: [],
      destination,
      destinationOffset: 0,
      destinationStrides
    }
    await readStrided([{ ...read, ...change }], { concurrency: 2 })
    return requests.map(({ offset, length }) => [offset, length])
  }

  test('what lies together is one request', async () => {
    expect(await requestsFor({ shape: [10, 20], sourceStrides: [20, 1], sourceOffset: 5 })).toEqual([[5, 200]])
  })

  test('small gaps are read along, large ones are not; over a network larger ones are', async () => {
    const rows = { shape: [3, 10] }
    expect(await requestsFor({ ...rows, sourceStrides: [4096, 1] })).toEqual([[0, 2 * 4096 + 10]])
    expect(await requestsFor({ ...rows, sourceStrides: [5000, 1] })).toEqual([
      [0, 10],
      [5000, 10],
      [10_000, 10]
    ])
    expect(await requestsFor({ ...rows, sourceStrides: [5000, 1] }, true)).toEqual([[0, 10_010]])
    expect(await requestsFor({ ...rows, sourceStrides: [70_000, 1] }, true)).toHaveLength(3)
  })

  test('an axis that is stored in reverse is read forwards', async () => {
    expect(await requestsFor({ shape: [4, 10], sourceStrides: [-10, 1], sourceOffset: 30 })).toEqual([[0, 40]])
  })

  test('a repeated axis is read once', async () => {
    expect(await requestsFor({ shape: [50, 10], sourceStrides: [0, 1] })).toEqual([[0, 10]])
  })

  test.each([false, true])('long runs are cut into spans of 4 MiB (remote: %s)', async (remote) => {
    const size = 9 << 20
    const requests = await requestsFor({ shape: [size], sourceStrides: [1] }, remote, size)
    expect(requests).toEqual([
      [0, 4 << 20],
      [4 << 20, 4 << 20],
      [8 << 20, 1 << 20]
    ])
  })

  test('rows that together are too long for a span go in batches', async () => {
    const requests = await requestsFor({ shape: [10, 1000], sourceStrides: [1 << 20, 1] }, false, 10 << 20)
    expect(requests).toHaveLength(10)
    const joined = await requestsFor({ shape: [3000, 1000], sourceStrides: [3000, 1] }, false, 9 << 20)
    expect(joined.length).toBe(3)
    expect(joined.every(([, length]) => (length ?? 0) <= 4 << 20)).toBe(true)
  })

  test('a run that is contiguous in memory is read straight into place', async () => {
    const destination = new Uint8Array(100)
    const scratches: (Uint8Array | undefined)[] = []
    const { store } = recordingStore([['x', new Uint8Array(100).fill(3)]], {
      before: ({ options }) => void scratches.push(options.scratch)
    })
    const box = {
      store,
      key: 'x',
      shape: [100],
      itemSize: 1,
      swapSize: 1,
      sourceOffset: 0,
      sourceStrides: [1],
      destination,
      destinationOffset: 0,
      destinationStrides: [1]
    }
    await readStrided([box], { concurrency: 1 })
    expect(scratches[0]?.buffer).toBe(destination.buffer)
    expect(destination[99]).toBe(3)
  })

  describe('of an object', () => {
    const read = (content: [string, Uint8Array][], change: Partial<StridedRead> = {}): { run: Promise<void>; destination: Uint8Array } => {
      const { store } = recordingStore(content)
      const destination = new Uint8Array(8).fill(77)
      const box = {
        store,
        key: 'x',
        shape: [4],
        itemSize: 2,
        swapSize: 1,
        sourceOffset: 0,
        sourceStrides: [2],
        destination,
        destinationOffset: 0,
        destinationStrides: [2]
      }
      return { run: readStrided([{ ...box, ...change }], { concurrency: 2 }), destination }
    }

    test('that is cut is ERR_CORRUPT_DATA', async () => {
      for (const length of [0, 1, 7]) expect(await codeOf(read([['x', new Uint8Array(length)]]).run)).toBe('ERR_CORRUPT_DATA')
      expect(await codeOf(read([['x', new Uint8Array(8)]]).run)).toBeUndefined()
    })

    test('of another size than it must have is ERR_CORRUPT_DATA', async () => {
      expect(await codeOf(read([['x', new Uint8Array(9)]], { objectSize: 8 }).run)).toBe('ERR_CORRUPT_DATA')
      expect(await codeOf(read([['x', new Uint8Array(8)]], { objectSize: 8 }).run)).toBeUndefined()
    })

    test('that is not there is ERR_NOT_FOUND, or the fill value', async () => {
      expect(await codeOf(read([]).run)).toBe('ERR_NOT_FOUND')
      const { run, destination } = read([], { fill: Uint8Array.of(1, 2) })
      await run
      expect(Array.from(destination)).toEqual([1, 2, 1, 2, 1, 2, 1, 2])
      const strided = read([], { fill: Uint8Array.of(1, 2), shape: [2], sourceStrides: [4], destinationStrides: [4] })
      await strided.run
      expect(Array.from(strided.destination)).toEqual([1, 2, 77, 77, 1, 2, 77, 77])
    })

    test('errors are described by the one who asked', async () => {
      const { run } = read([], { describe: (cause) => new Error('while reading the third part', { cause }) })
      await expect(run).rejects.toThrow('while reading the third part')
    })
  })
})

/** A source over a strided layout. */
function stridedSource<D extends DType>(content: Iterable<readonly [string, Uint8Array]>, layout: StridedLayout<D>, remote = false) {
  const recorded = recordingStore(content, { remote, before: () => settle() })
  const source = defineSource<D>({ kind: 'flat', shape: layout.shape, dtype: layout.dtype, access: stridedAccess(recorded.store, layout) })
  return { ...recorded, source }
}

describe('stridedAccess', () => {
  test('reads random regions of arrays in one or several parts, in any order of axes and bytes', async () => {
    const random = new Random(5)
    for (let round = 0; round < 60; round++) {
      const dtype = random.pick(['uint8', 'int16', 'float32', 'uint64', 'complex64'] as const)
      const itemSize = itemSizeOf(dtype)
      const shape = Array.from({ length: random.integer(1, 3) }, () => random.integer(1, 7))
      const [planes = 1] = shape
      const partLength = random.integer(1, planes)
      const count = random.chance(0.5) ? 1 : Math.ceil(planes / partLength)
      const planesPerPart = count === 1 ? planes : partLength
      const byteOrder = random.pick(['little', 'big'] as const)
      // C order with a gap after each plane, an axis now and then in reverse.
      const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, length) => product * length, itemSize))
      strides[0] = (strides[0] ?? 0) + itemSize * random.integer(0, 3)
      const flipped = shape.length > 1 && random.chance(0.4)
      const header = random.integer(0, 20)
      const objects = Array.from({ length: count }, (_, at): [string, Uint8Array] => [
        `part-${at}`,
        random.bytes(header + planesPerPart * (strides[0] ?? 0))
      ])
      const layoutStrides = strides.map((stride, axis) => (flipped && axis === 1 ? -stride : stride))
      const offset = header + (flipped ? ((shape[1] ?? 1) - 1) * (strides[1] ?? 0) : 0)
      const { source } = stridedSource<DType>(objects, {
        shape,
        dtype,
        byteOrder,
        strides: layoutStrides,
        parts: objects.map(([key]) => ({ key, offset })),
        partLength: planesPerPart
      })
      const start = shape.map((length) => random.integer(0, length - 1))
      const step = shape.map(() => random.pick([1, 1, 2, 3]))
      const stop = shape.map((length, axis) => random.integer((start[axis] ?? 0) + 1, length))
      const result = await source.get(start.map((at, axis) => slice(at, stop[axis], step[axis])))
      const bytes = bytesOf(result.data)
      const component = dtype === 'complex64' ? 4 : itemSize
      for (const at of positions(result.shape)) {
        const place = at.map((value, axis) => (start[axis] ?? 0) + value * (step[axis] ?? 1))
        const part = Math.floor((place[0] ?? 0) / planesPerPart)
        const inPart = [(place[0] ?? 0) - part * planesPerPart, ...place.slice(1)]
        const from = offset + dot(inPart, layoutStrides)
        const item = Array.from(objects[part]?.[1].subarray(from, from + itemSize) ?? [])
        const to = dot(at, result.stride) * itemSize
        expect(Array.from(bytes.subarray(to, to + itemSize)), JSON.stringify({ round, shape, place })).toEqual(
          byteOrder === 'big' ? swapped(item, component) : item
        )
      }
    }
  })

  test('parts are read side by side, within the bound', async () => {
    const objects = Array.from({ length: 30 }, (_, at): [string, Uint8Array] => [`p${at}`, new Uint8Array(4).fill(at)])
    const { source, mostAtOnce, requests } = stridedSource(objects, {
      shape: [30, 4],
      dtype: 'uint8',
      byteOrder: 'little',
      strides: [4, 1],
      parts: objects.map(([key]) => ({ key, offset: 0 })),
      partLength: 1
    })
    expect(toNested(await source.get([slice(null, null, 7), 0]))).toEqual([0, 7, 14, 21, 28])
    expect(requests).toHaveLength(5)
    await source.get()
    expect(mostAtOnce()).toBe(8)
  })

  test('arrays without dimensions and with a broadcast axis are read', async () => {
    const scalar = stridedSource([['', Uint8Array.of(9, 0, 7)]], {
      shape: [],
      dtype: 'uint8',
      byteOrder: 'little',
      strides: [],
      parts: [{ key: '', offset: 2 }]
    })
    expect(await scalar.source.get([])).toBe(7)
    const repeated = stridedSource([['', Uint8Array.of(0, 1, 0, 2)]], {
      shape: [3, 2],
      dtype: 'uint16',
      byteOrder: 'big',
      strides: [0, 2],
      parts: [{ key: '', offset: 0 }]
    })
    expect(toNested(await repeated.source.get())).toEqual([
      [1, 2],
      [1, 2],
      [1, 2]
    ])
  })

  test('fills `out` at any strides', async () => {
    const { source } = stridedSource([['', Uint8Array.of(1, 2, 3, 4, 5, 6)]], {
      shape: [2, 3],
      dtype: 'uint8',
      byteOrder: 'little',
      strides: [3, 1],
      parts: [{ key: '', offset: 0 }]
    })
    const out: NdArray<'uint8'> = { dtype: 'uint8', shape: [2, 3], stride: [1, 2], data: createData('uint8', 6) }
    await source.get(null, { out })
    expect(Array.from(out.data)).toEqual([1, 4, 2, 5, 3, 6])
  })

  test('an abort stops the reading, with its own reason', async () => {
    const controller = new AbortController()
    const objects = Array.from({ length: 60 }, (_, at): [string, Uint8Array] => [`p${at}`, new Uint8Array(4)])
    const recorded = recordingStore(objects, {
      async before(_, count) {
        await settle()
        if (count === 5) controller.abort('enough')
      }
    })
    const layout: StridedLayout<'uint8'> = {
      shape: [60, 4],
      dtype: 'uint8',
      byteOrder: 'little',
      strides: [4, 1],
      parts: objects.map(([key]) => ({ key, offset: 0 })),
      partLength: 1
    }
    const source = defineSource({ kind: 'flat', shape: [60, 4], dtype: 'uint8', access: stridedAccess(recorded.store, layout, 2) })
    const error: unknown = await source.get(null, { signal: controller.signal }).catch((error: unknown) => error)
    expect(error).toBe('enough')
    expect(recorded.underWay()).toBe(0)
    expect(recorded.requests.length).toBeLessThan(10)
  })

  test('a layout with too few parts is an error, not zeros', async () => {
    const layout = { shape: [4], dtype: 'uint8', byteOrder: 'little', strides: [1], partLength: 1 } as const
    const store = memoryStore([['a', new Uint8Array(4)]])
    const open = (parts: StridedLayout['parts']) =>
      defineSource({ kind: 'flat', shape: [4], dtype: 'uint8', access: stridedAccess(store, { ...layout, parts }) })
    expect(await codeOf(open([]).get())).toBe('ERR_INVALID_ARGUMENT')
    expect(
      await codeOf(
        open([
          { key: 'a', offset: 0 },
          { key: 'a', offset: 1 }
        ]).get()
      )
    ).toBe('ERR_INVALID_ARGUMENT')
  })
})
