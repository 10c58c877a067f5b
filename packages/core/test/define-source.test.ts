import { describe, expect, test } from 'vitest'
import { bytesOf, createData, defineSource, type SourceDefinition } from '../src/backend.js'
import {
  arraySource,
  type DType,
  Float16View,
  type Index,
  isSourceError,
  type NdArray,
  ndarray,
  type SetValue,
  SourceError,
  slice,
  toNested,
  zeros
} from '../src/index.js'
import { codeOf } from './helpers/code-of.js'
import { recordingSource } from './helpers/recording-access.js'

async function failure(work: Promise<unknown>): Promise<SourceError> {
  const error: unknown = await work.then(
    () => undefined,
    (error: unknown) => error
  )
  if (!isSourceError(error)) throw new Error(`expected a SourceError, found ${String(error)}`)
  return error
}

function circular(): object {
  const value: { self?: object } = {}
  value.self = value
  return value
}

describe('the members of a source', () => {
  test('have values that say "none" where the backend says nothing', () => {
    const { source } = recordingSource([2, 3], 'uint16', { writable: false })
    expect(source).toMatchObject({ kind: 'recording', shape: [2, 3], ndim: 2, size: 6, dtype: 'uint16', chunks: null, shards: null })
    expect(source).toMatchObject({ writable: false, attrs: {}, metadata: {} })
    expect(Object.isFrozen(source.shape)).toBe(true)
  })

  test('follow no later change of what defined them', () => {
    const shape = [2, 3]
    const { source } = recordingSource(shape, 'uint16', { chunks: shape })
    shape[0] = 99
    expect([source.shape, source.chunks]).toEqual([
      [2, 3],
      [2, 3]
    ])
  })

  test('without a write method, a source is not writable', () => {
    const source = defineSource({ kind: 'x', shape: [1], dtype: 'uint8', writable: true, access: { read: async () => {} } })
    expect(source.writable).toBe(false)
  })

  test('extras become members', () => {
    const definition: SourceDefinition<'uint8'> = { kind: 'x', shape: [1], dtype: 'uint8', access: { read: async () => {} } }
    expect(defineSource(definition, { level: 3 }).level).toBe(3)
  })
})

describe('get', () => {
  test('hands the backend a full region and an array of its shape', async () => {
    const { source, calls } = recordingSource([5, 6, 7], 'int32')
    const result = await source.get([slice(1, null, 2), -1])
    expect(result).toMatchObject({ dtype: 'int32', shape: [2, 7] })
    expect(calls).toHaveLength(1)
    expect(calls[0]?.region).toEqual({ start: [1, 5, 0], shape: [2, 1, 7], step: [2, 1, 1] })
    expect(calls[0]?.array).toMatchObject({ shape: [2, 1, 7], stride: [7, 0, 1] })
  })

  test('reads nothing for an empty region', async () => {
    const { source, calls } = recordingSource([5, 6], 'int32')
    expect(await source.get([slice(2, 2)])).toMatchObject({ shape: [0, 6] })
    expect(await source.get([slice(99, null), slice(3)])).toMatchObject({ shape: [0, 3] })
    expect(calls).toEqual([])
  })

  test('gives a scalar for integers alone, an array with an ellipsis or without an index', async () => {
    const source = arraySource(ndarray(Uint16Array.of(1, 2, 3, 4), [2, 2]))
    expect(await source.get([1, -1])).toBe(4)
    expect(await source.get([1, 1, '...'])).toMatchObject({ shape: [] })
    expect(toNested(await source.get())).toEqual([
      [1, 2],
      [3, 4]
    ])
    const scalar = arraySource(ndarray(Uint16Array.of(9), []))
    expect(await scalar.get([])).toBe(9)
    expect(await scalar.get()).toMatchObject({ shape: [] })
  })

  test.each<readonly [DType, SetValue, unknown]>([
    ['bool', true, true],
    ['int8', -128, -128],
    ['uint8', 255, 255],
    ['int16', -32768, -32768],
    ['uint16', 65535, 65535],
    ['int32', -(2 ** 31), -(2 ** 31)],
    ['uint32', 2 ** 32 - 1, 2 ** 32 - 1],
    ['int64', -(2n ** 63n), -(2n ** 63n)],
    ['uint64', 2n ** 64n - 1n, 2n ** 64n - 1n],
    ['float16', 0.1, 0.0999755859375],
    ['float32', 0.1, Math.fround(0.1)],
    ['float64', 0.1, 0.1],
    ['complex64', [0.5, -1], [0.5, -1]],
    ['complex128', [0.1, 1e300], [0.1, 1e300]]
  ])('scalars of %s come back as they were stored', async (dtype, value, expected) => {
    const source = arraySource(zeros([2, 2], dtype))
    await source.set([0, slice(1, 2)], value)
    expect(await source.get([0, 1])).toEqual(expected)
    expect(await source.get([1, 1])).toEqual(await arraySource(zeros([1], dtype)).get([0]))
  })

  describe('into `out`', () => {
    const source = arraySource(ndarray(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]))

    test('fills an array and gives it back', async () => {
      const out = zeros([3], 'float32')
      expect(await source.get([1], { out })).toBe(out)
      expect(toNested(out)).toEqual([4, 5, 6])
    })

    test('fills an array with strides, in part of its memory', async () => {
      const data = new Float32Array(12)
      const out: NdArray<'float32'> = { dtype: 'float32', shape: [2, 3], stride: [-1, 2], offset: 5, data }
      await source.get(null, { out })
      expect(Array.from(data)).toEqual([0, 0, 0, 0, 4, 1, 5, 2, 6, 3, 0, 0])
    })

    test('fills a typed array, also on shared memory', async () => {
      const data = new Float32Array(new SharedArrayBuffer(20), 4, 2)
      const result = await source.get([0, slice(1, null)], { out: data })
      expect(result.data.buffer).toBe(data.buffer)
      expect(Array.from(data)).toEqual([2, 3])
    })

    test('gives the array for a scalar too', async () => {
      const out = zeros([], 'float32')
      expect(await source.get([1, 1], { out })).toBe(out)
      expect(toNested(out)).toBe(5)
    })

    test('fills float16, bool and complex typed arrays', async () => {
      const half = new Float16View(new Uint16Array(1))
      await arraySource(ndarray(new Float16View(Uint16Array.of(0x3c00)), [1], 'float16')).get(null, { out: half })
      expect(half.at(0)).toBe(1)
      const flags = new Uint8Array(2)
      await arraySource(ndarray(Uint8Array.of(0, 1), [2], 'bool')).get(null, { out: flags })
      expect(Array.from(flags)).toEqual([0, 1])
      const pair = new Float64Array(2)
      await arraySource(ndarray(Float64Array.of(3, 4), [1], 'complex128')).get(null, { out: pair })
      expect(Array.from(pair)).toEqual([3, 4])
    })

    test.each<readonly [string, readonly number[], readonly number[], number]>([
      ['axes of one stride', [2, 3], [1, 1], 0],
      ['rows that begin inside the row before', [2, 3], [2, 1], 0],
      ['rows that run into each other, backwards', [2, 3], [-2, 1], 2],
      ['columns shorter than a column is long', [2, 3], [4, 2], 0]
    ])('refuses %s', async (_, shape, stride, offset) => {
      const { source, calls } = recordingSource(shape, 'float32')
      const out: NdArray<'float32'> = { dtype: 'float32', shape, stride, offset, data: new Float32Array(12) }
      expect(await codeOf(source.get(null, { out }))).toBe('ERR_SHAPE_MISMATCH')
      expect(calls).toEqual([])
    })

    test.each<readonly [string, readonly number[], readonly number[]]>([
      ['Fortran order', [2, 3], [1, 2]],
      ['gaps', [2, 3], [5, 2]],
      ['any stride along axes of length 1', [1, 3], [0, 1]]
    ])('takes arrays with %s', async (_, shape, stride) => {
      const { source, calls } = recordingSource(shape, 'float32')
      await source.get(null, { out: { dtype: 'float32', shape, stride, data: new Float32Array(12) } })
      expect(calls).toHaveLength(1)
    })

    test.each<readonly [string, unknown, string]>([
      ['another shape', zeros([2], 'float32'), 'ERR_SHAPE_MISMATCH'],
      ['axes of length 1 that the index drops', zeros([1, 3], 'float32'), 'ERR_SHAPE_MISMATCH'],
      ['another dtype', zeros([3], 'float64'), 'ERR_DTYPE_MISMATCH'],
      ['too short a typed array', new Float32Array(2), 'ERR_SHAPE_MISMATCH'],
      ['too long a typed array', new Float32Array(4), 'ERR_SHAPE_MISMATCH'],
      ['a typed array of another type', new Int32Array(3), 'ERR_DTYPE_MISMATCH'],
      ['strides outside the data', { ...zeros([3], 'float32'), stride: [2] }, 'ERR_SHAPE_MISMATCH'],
      ['strides that fold its elements together', { ...zeros([3], 'float32'), stride: [0] }, 'ERR_SHAPE_MISMATCH'],
      ['data that is not of its dtype', { ...zeros([3], 'float32'), data: new Int32Array(3) }, 'ERR_DTYPE_MISMATCH'],
      ['a list', [0, 0, 0], 'ERR_INVALID_ARGUMENT'],
      ['a DataView', new DataView(new ArrayBuffer(12)), 'ERR_INVALID_ARGUMENT'],
      ['null', null, 'ERR_INVALID_ARGUMENT']
    ])('refuses %s', async (_, out, code) => {
      const { source, calls } = recordingSource([2, 3], 'float32')
      expect(await codeOf(source.get([1], { out: out as never }))).toBe(code)
      expect(calls).toEqual([])
    })
  })
})

describe('set', () => {
  test('hands the backend a full region and an array of its shape', async () => {
    const { source, calls } = recordingSource([4, 5, 6], 'int16')
    const value = zeros([2, 6], 'int16')
    await source.set([slice(1, 3), 2], value)
    expect(calls[0]?.region).toEqual({ start: [1, 2, 0], shape: [2, 1, 6], step: [1, 1, 1] })
    expect(calls[0]?.array).toMatchObject({ shape: [2, 1, 6], stride: [6, 0, 1] })
  })

  test('takes arrays that keep the axes which integers drop', async () => {
    const array = ndarray(new Int16Array(8), [2, 2, 2])
    await arraySource(array).set([slice(0, 2), 1], ndarray(Int16Array.of(1, 2, 3, 4), [2, 1, 2]))
    expect(toNested(array)).toEqual([
      [
        [0, 0],
        [1, 2]
      ],
      [
        [0, 0],
        [3, 4]
      ]
    ])
  })

  test('takes arrays with strides, typed arrays and scalars', async () => {
    const array = ndarray(new Int16Array(4), [2, 2])
    const source = arraySource(array)
    await source.set(null, { dtype: 'int16', shape: [2, 2], stride: [1, 2], data: Int16Array.of(1, 2, 3, 4) })
    expect(Array.from(bytesOf(array.data)).filter((_, at) => at % 2 === 0)).toEqual([1, 3, 2, 4])
    await source.set([0], Int16Array.of(7, 8))
    await source.set([1], 9)
    expect(toNested(array)).toEqual([
      [7, 8],
      [9, 9]
    ])
    await source.set([slice(null), 0], { dtype: 'int16', shape: [2], stride: [0], data: Int16Array.of(5) })
    expect(toNested(array)).toEqual([
      [5, 8],
      [5, 9]
    ])
  })

  test('writes nothing for an empty region, but still checks the value', async () => {
    const { source, calls } = recordingSource([4], 'int16')
    await source.set([slice(2, 2)], 5)
    await source.set([slice(2, 2)], new Int16Array(0))
    expect(calls).toEqual([])
    expect(await codeOf(source.set([slice(2, 2)], 1e9))).toBe('ERR_DTYPE_MISMATCH')
  })

  test.each<readonly [string, unknown, string]>([
    ['another shape', zeros([3], 'int16'), 'ERR_SHAPE_MISMATCH'],
    ['a shape that numpy would broadcast', zeros([1], 'int16'), 'ERR_SHAPE_MISMATCH'],
    ['another dtype', zeros([2], 'int32'), 'ERR_DTYPE_MISMATCH'],
    ['an unsigned dtype of the same size', zeros([2], 'uint16'), 'ERR_DTYPE_MISMATCH'],
    ['a typed array of another length', new Int16Array(3), 'ERR_SHAPE_MISMATCH'],
    ['a typed array of another type', new Uint16Array(2), 'ERR_DTYPE_MISMATCH'],
    ['strides outside the data', { ...zeros([2], 'int16'), stride: [2] }, 'ERR_SHAPE_MISMATCH'],
    ['data that is not of its dtype', { ...zeros([2], 'int16'), data: new Uint16Array(2) }, 'ERR_DTYPE_MISMATCH'],
    ['a plain list', [1, 2], 'ERR_DTYPE_MISMATCH'],
    ['an object that refers to itself', circular(), 'ERR_DTYPE_MISMATCH'],
    ['undefined', undefined, 'ERR_DTYPE_MISMATCH'],
    ['null', null, 'ERR_DTYPE_MISMATCH'],
    ['a symbol', Symbol('x'), 'ERR_DTYPE_MISMATCH'],
    ['a DataView', new DataView(new ArrayBuffer(4)), 'ERR_INVALID_ARGUMENT']
  ])('refuses %s', async (_, value, code) => {
    const { source, calls } = recordingSource([2], 'int16')
    expect(await codeOf(source.set(null, value as never))).toBe(code)
    expect(calls).toEqual([])
  })

  test.each<readonly [DType, unknown]>([
    ['bool', 1],
    ['bool', 'true'],
    ['int8', 128],
    ['int8', -129],
    ['uint8', -1],
    ['uint8', 256],
    ['uint8', 1.5],
    ['uint8', Number.NaN],
    ['uint8', Number.POSITIVE_INFINITY],
    ['uint8', true],
    ['uint8', 5n],
    ['uint8', '5'],
    ['uint16', 65536],
    ['int16', -32769],
    ['int32', 2 ** 31],
    ['uint32', 2 ** 32],
    ['int64', 2n ** 63n],
    ['int64', -(2n ** 63n) - 1n],
    ['int64', 2 ** 53],
    ['int64', 0.5],
    ['int64', Number.NaN],
    ['uint64', -1n],
    ['uint64', -1],
    ['uint64', 2n ** 64n],
    ['float16', 70000],
    ['float16', '1'],
    ['float32', 1e39],
    ['float32', 1n],
    ['float64', true],
    ['complex64', 1],
    ['complex64', [1]],
    ['complex64', [1, 'i']],
    ['complex64', [1, 1e39]],
    ['complex128', [1, 2, 3]]
  ])('refuses to store in %s the scalar %s', async (dtype, value) => {
    const { source, calls } = recordingSource([2], dtype)
    expect(await codeOf(source.set(null, value as never))).toBe('ERR_DTYPE_MISMATCH')
    expect(calls).toEqual([])
  })

  test.each<readonly [DType, SetValue, readonly number[]]>([
    ['int64', 5, [5, 0, 0, 0, 0, 0, 0, 0]],
    ['int64', -1n, [255, 255, 255, 255, 255, 255, 255, 255]],
    ['uint64', 2n ** 64n - 2n, [254, 255, 255, 255, 255, 255, 255, 255]],
    ['float16', Number.NaN, [0, 0x7e]],
    ['float16', Number.NEGATIVE_INFINITY, [0, 0xfc]],
    ['float32', Number.POSITIVE_INFINITY, [0, 0, 0x80, 0x7f]],
    ['float32', -0, [0, 0, 0, 0x80]],
    ['complex64', [Number.POSITIVE_INFINITY, -0], [0, 0, 0x80, 0x7f, 0, 0, 0, 0x80]]
  ])('stores in %s the scalar %s', async (dtype, value, bytes) => {
    const { source, calls } = recordingSource([2], dtype)
    await source.set(null, value)
    expect(Array.from(bytesOf(calls[0]?.array.data ?? createData(dtype, 0)))).toEqual(bytes)
  })

  test('refuses bytes other than 0 and 1 for bool', async () => {
    const { source, calls } = recordingSource([2], 'bool')
    expect(await codeOf(source.set(null, Uint8Array.of(0, 2)))).toBe('ERR_DTYPE_MISMATCH')
    await source.set(null, Uint8Array.of(0, 1))
    expect(calls).toHaveLength(1)
  })

  test.each<readonly [string, Partial<NdArray<'bool'>>]>([
    ['in C order', { data: Uint8Array.of(0, 1, 1, 7) }],
    ['with strides', { stride: [1, 2], data: Uint8Array.of(0, 1, 1, 7) }],
    ['with an offset', { offset: 1, data: Uint8Array.of(0, 0, 1, 1, 7) }],
    ['of a repeated element', { stride: [0, 0], data: Uint8Array.of(7) }],
    ['from back to front', { stride: [-2, -1], offset: 3, data: Uint8Array.of(7, 0, 1, 1) }]
  ])('refuses them in an array %s too', async (_, members) => {
    const { source, calls } = recordingSource([2, 2], 'bool')
    expect(await codeOf(source.set(null, { ...zeros([2, 2], 'bool'), ...members }))).toBe('ERR_DTYPE_MISMATCH')
    expect(calls).toEqual([])
  })

  test('takes an array of bools whatever lies in its memory beside its elements', async () => {
    const { source, calls } = recordingSource([2], 'bool')
    await source.set(null, { dtype: 'bool', shape: [2], stride: [2], offset: 1, data: Uint8Array.of(7, 1, 7, 0) })
    await source.set([slice(0, 0)], { dtype: 'bool', shape: [0], stride: [1], data: Uint8Array.of(7) })
    expect(calls).toHaveLength(1)
  })

  test('takes steps of 1 only', async () => {
    const { source } = recordingSource([4], 'int16')
    expect(await codeOf(source.set([slice(null, null, 2)], 5))).toBe('ERR_INVALID_INDEX')
    expect(await codeOf(source.set([7], 5))).toBe('ERR_INVALID_INDEX')
  })

  test('says why a source is read-only', async () => {
    const { source } = recordingSource([4], 'int16', { writable: false, readOnlyReason: 'buckets of this server cannot be written' })
    const error = await failure(source.set(null, 1))
    expect(error).toMatchObject({ code: 'ERR_READ_ONLY', kind: 'recording' })
    expect(error.message).toContain('buckets of this server cannot be written')
  })
})

describe('abort', () => {
  test('the caller’s own signal reaches the backend', async () => {
    const { source, calls } = recordingSource([2], 'uint8')
    const { signal } = new AbortController()
    await source.get(null, { signal })
    await source.set(null, 1, { signal })
    expect(calls.map((call) => call.signal === signal)).toEqual([true, true])
  })

  test('a signal that is aborted already stops before anything happens, with its own reason', async () => {
    const { source, calls } = recordingSource([2], 'uint8')
    const reason = new Error('enough')
    const signal = AbortSignal.abort(reason)
    await expect(source.get(null, { signal })).rejects.toBe(reason)
    await expect(source.set(null, 1, { signal })).rejects.toBe(reason)
    expect(calls).toEqual([])
  })

  test.each([new Error('enough'), 'a text', new DOMException('too slow', 'TimeoutError')])(
    'a reason of any kind is handed on as it is: %s',
    async (reason) => {
      const controller = new AbortController()
      const { source } = recordingSource([2], 'uint8', {
        access: {
          async read() {
            controller.abort(reason)
            controller.signal.throwIfAborted()
          }
        }
      })
      const error: unknown = await source.get(null, { signal: controller.signal }).catch((error: unknown) => error)
      expect(error).toBe(reason)
    }
  )
})

describe('errors of a backend', () => {
  test('leave with the kind of the source, and keep their code, path and cause', async () => {
    const cause = new Error('bits')
    const { source } = recordingSource([2], 'uint8', {
      access: { read: () => Promise.reject(new SourceError('ERR_CORRUPT_DATA', 'broken', { path: '/x', cause })) }
    })
    const error = await failure(source.get())
    expect(error).toMatchObject({ code: 'ERR_CORRUPT_DATA', kind: 'recording', path: '/x', message: 'broken', cause })
  })

  test('of other libraries become ERR_IO with the error as cause', async () => {
    const cause = new TypeError('fetch failed')
    const access = {
      read: () => {
        throw cause
      },
      write: () => Promise.reject(cause)
    }
    const { source } = recordingSource([2], 'uint8', { access })
    expect(await failure(source.get())).toMatchObject({ code: 'ERR_IO', kind: 'recording', cause })
    expect(await failure(source.set(null, 1))).toMatchObject({ code: 'ERR_IO', kind: 'recording', cause })
  })
})

describe('close', () => {
  test('runs once, and every method fails afterwards', async () => {
    let closed = 0
    const { source } = recordingSource([2], 'uint8', {
      access: {
        read: async () => {},
        write: async () => {},
        close: async () => {
          closed++
        }
      },
      toSpec: () => ({ kind: 'recording' })
    })
    expect(source.toSpec()).toEqual({ kind: 'recording' })
    await Promise.all([source.close(), source.close(), source[Symbol.asyncDispose]()])
    expect(closed).toBe(1)
    expect(await codeOf(source.get())).toBe('ERR_CLOSED')
    expect(await codeOf(source.set(null, 1))).toBe('ERR_CLOSED')
    expect(await codeOf(() => source.toSpec())).toBe('ERR_CLOSED')
  })

  test('waits for the writes under way, whether they end well or not', async () => {
    const events: string[] = []
    const ends: ((error?: Error) => void)[] = []
    const { source } = recordingSource([2], 'uint8', {
      access: {
        read: async () => {},
        write: () => new Promise<void>((resolve, reject) => ends.push((error) => (error === undefined ? resolve() : reject(error)))),
        close: async () => {
          events.push('released')
        }
      }
    })
    const writes = [source.set([0], 1).then(() => events.push('written')), source.set([1], 1).catch(() => events.push('failed'))]
    const closing = source.close().then(() => events.push('closed'))
    expect(await codeOf(source.set([0], 1))).toBe('ERR_CLOSED')
    for (const [turn, error] of [undefined, new Error('disk full')].entries()) {
      await new Promise((resolve) => setImmediate(resolve))
      expect(events).not.toContain('released')
      ends[turn]?.(error)
    }
    await Promise.all([...writes, closing])
    expect(events.slice(0, 2).sort()).toEqual(['failed', 'written'])
    expect(events.slice(-2)).toEqual(['released', 'closed'])
  })
})

describe('toSpec', () => {
  test('of data that only this process has says what to do', async () => {
    const error = await failure((async () => arraySource(new Uint8Array(1)).toSpec())())
    expect(error).toMatchObject({ code: 'ERR_NOT_SERIALIZABLE', kind: 'array' })
    expect(error.message).toContain('createSource')
  })
})

test('an index of the wrong kind is refused before the backend hears of it', async () => {
  const { source, calls } = recordingSource([2, 2], 'uint8')
  for (const index of [[[0, 1]], { begin: 1 }, 'all', 2] as Index[]) expect(await codeOf(source.get(index))).toBe('ERR_INVALID_INDEX')
  expect(calls).toEqual([])
})
