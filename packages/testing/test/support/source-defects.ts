import {
  arraySource,
  Float16View,
  type Index,
  type IndexEntry,
  isSourceError,
  type NdArray,
  ndarray,
  type Source,
  zeros
} from '@bioimage/core'
import { isNdArray } from '@bioimage/core/backend'

/** A source with some members replaced. */
export function withMembers(source: Source, members: Partial<Record<keyof Source, unknown>>): Source {
  return new Proxy(source, {
    get(target, name) {
      if (Object.hasOwn(members, name)) return Reflect.get(members, name)
      const member: unknown = Reflect.get(target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    }
  })
}

/** Sources that go wrong in their public methods, each with the area of the suite that must find it. */
export const sourceDefects: Readonly<Record<string, readonly [area: string, defect: (source: Source) => Source]>> = {
  'another dtype than it gives': ['metadata', (source) => withMembers(source, { dtype: 'float64' })],
  'shards that are no multiple of its chunks': ['metadata', (source) => withMembers(source, { shards: source.shape.map(() => 1) })],
  'attributes that are not JSON': ['metadata', (source) => withMembers(source, { attrs: new Date(0) })],
  'an array for a scalar': [
    'indexing',
    (source) =>
      withMembers(source, {
        get: getAs(source, (found) => (isNdArray(found) ? found : ndarray(Int32Array.of(Number(found)), [], 'int32')))
      })
  ],
  'integers outside clamped': ['indexing', (source) => withMembers(source, { get: clampingGet(source) })],
  'plain errors for wrong indices': ['indexing', (source) => withMembers(source, { get: plainErrors(source) })],
  'results in Fortran order': [
    'random regions',
    (source) => withMembers(source, { get: getAs(source, (found) => (isNdArray(found) ? transposed(found) : found)) })
  ],
  'the same memory for every read': ['many reads at once', sharingMemory],
  'reads after close': ['close', (source) => withMembers(source, { close: async () => {} })],
  'a second close that fails': ['close', closingOnce],
  'asyncDispose that does nothing': ['close', (source) => withMembers(source, { [Symbol.asyncDispose]: async () => {} })],
  'writes that are dropped in silence': ['read-only', (source) => withMembers(source, { set: async () => {} })],
  'writes that another code refuses': [
    'read-only',
    (source) => withMembers(source, { set: async () => Promise.reject(new TypeError('cannot write')) })
  ],
  'other memory than out': ['out', (source) => withMembers(source, { get: (...[index]: Parameters<Source['get']>) => source.get(index) })],
  'aborts by an error of its own': ['abort', ownAborts],
  'a spec although it is memory': ['spec', (source) => withMembers(source, { toSpec: () => ({ kind: 'toy', path: '/tmp/nothing.toy' }) })]
}

/** Writing sources that go wrong, each with the area of the suite that must find it. */
export const writerDefects: Readonly<Record<string, readonly [area: string, defect: (source: Source) => Source]>> = {
  'values of other dtypes clipped': ['writing regions', (source) => withMembers(source, { set: convertingSet(source) })],
  'scalars wrapped': ['writing regions', (source) => withMembers(source, { set: wrappingSet(source) })],
  'the value stored, then refused': ['writing regions', (source) => withMembers(source, { set: lateRefusal(source) })],
  'typed arrays refused': ['writing a whole array', (source) => withMembers(source, { set: refusingTypedArrays(source) })],
  'writes kept in the handle': ['creation', keepingWrites]
}

function getAs(source: Source, change: (found: unknown) => unknown): (...args: Parameters<Source['get']>) => Promise<unknown> {
  return async (...args) => change(await source.get(...args))
}

function clampingGet(source: Source): (...args: Parameters<Source['get']>) => Promise<unknown> {
  return (index, options) => {
    if (!isEntries(index)) return source.get(index, options)
    const clamped = index.map((entry, axis) =>
      typeof entry === 'number' && entry >= (source.shape[axis] ?? 0) ? (source.shape[axis] ?? 0) - 1 : entry
    )
    return source.get(clamped, options)
  }
}

function isEntries(index: Index | undefined): index is readonly IndexEntry[] {
  return Array.isArray(index)
}

function plainErrors(source: Source): (...args: Parameters<Source['get']>) => Promise<unknown> {
  return async (...args) => {
    try {
      return await source.get(...args)
    } catch (error) {
      if (isSourceError(error, 'ERR_INVALID_INDEX')) throw new RangeError(error.message)
      throw error
    }
  }
}

function transposed(array: NdArray): NdArray {
  return { ...array, shape: array.shape.toReversed(), stride: array.stride.toReversed() }
}

function sharingMemory(source: Source): Source {
  let whole: unknown
  const get = async (...args: Parameters<Source['get']>): Promise<unknown> => {
    if (args[0] !== '...' && args[0] !== undefined) return source.get(...args)
    whole ??= await source.get(...args)
    return whole
  }
  return withMembers(source, { get })
}

function closingOnce(source: Source): Source {
  let closed = false
  const close = async (): Promise<void> => {
    if (closed) throw new Error('closed already')
    closed = true
    await source.close()
  }
  return withMembers(source, { close })
}

function ownAborts(source: Source): Source {
  const get = async (...[index, options]: Parameters<Source['get']>): Promise<unknown> => {
    if (options?.signal?.aborted === true) throw new DOMException('aborted', 'AbortError')
    return source.get(index, options)
  }
  return withMembers(source, { get })
}

function convertingSet(source: Source): Source['set'] {
  return async (index, value, options) => {
    if (!isNdArray(value) || value.dtype === source.dtype) return source.set(index, value, options)
    const converted = zeros(value.shape, 'int32')
    for (let at = 0; at < converted.data.length; at++) converted.data[at] = Number(value.data instanceof Float16View ? 0 : value.data[at])
    return source.set(index, converted, options)
  }
}

function wrappingSet(source: Source): Source['set'] {
  return (index, value, options) => source.set(index, typeof value === 'number' ? value | 0 : value, options)
}

function lateRefusal(source: Source): Source['set'] {
  return async (index, value, options) => {
    if (isNdArray(value) && value.dtype !== source.dtype) await source.set(index, 0)
    return source.set(index, value, options)
  }
}

function refusingTypedArrays(source: Source): Source['set'] {
  return async (index, value, options) => {
    if (ArrayBuffer.isView(value)) throw new TypeError('only arrays')
    return source.set(index, value, options)
  }
}

/** Remembers what was written and stores nothing. */
function keepingWrites(source: Source): Source {
  let memory: Promise<Source> | undefined
  const opened = (): Promise<Source> => {
    memory ??= source.get().then((array) => arraySource(array))
    return memory
  }
  return withMembers(source, {
    get: async (...args: Parameters<Source['get']>) => (await opened()).get(...args),
    set: async (...args: Parameters<Source['set']>) => (await opened()).set(...args)
  })
}
