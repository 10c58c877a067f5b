import { describe, expect, expectTypeOf, test } from 'vitest'
import { defineSource, hasDType } from '../src/backend.js'
import {
  type ArraySource,
  arraySource,
  asSource,
  type DataOf,
  type DType,
  type Float16View,
  fromSpec,
  type GetResult,
  type Index,
  type IndexEntry,
  type Kind,
  type NdArray,
  ndarray,
  openSource,
  parseSpec,
  type ScalarOf,
  type Slice,
  type Source,
  type SourceOf,
  type SourceSpec,
  type SpecBase,
  slice,
  zeros
} from '../src/index.js'
import type { MadeUpKind } from './helpers/kinds.js'

// The compiler checks this file: `tsc` fails where a type is not what is expected here.

describe('the result of get', () => {
  type U16 = NdArray<'uint16'>
  type U16OrScalar = NdArray<'uint16'> | number

  test('may be a scalar for integers alone', () => {
    expectTypeOf<GetResult<'uint16', number>>().toEqualTypeOf<U16OrScalar>()
    expectTypeOf<GetResult<'uint16', readonly [1, 2]>>().toEqualTypeOf<U16OrScalar>()
    expectTypeOf<GetResult<'uint16', number[]>>().toEqualTypeOf<U16OrScalar>()
    expectTypeOf<GetResult<'uint16', readonly []>>().toEqualTypeOf<U16OrScalar>()
    expectTypeOf<GetResult<'int64', 3>>().toEqualTypeOf<NdArray<'int64'> | bigint>()
    expectTypeOf<GetResult<'bool', 3>>().toEqualTypeOf<NdArray<'bool'> | boolean>()
  })

  test('is an array as soon as one entry is no integer', () => {
    expectTypeOf<GetResult<'uint16', Slice>>().toEqualTypeOf<U16>()
    expectTypeOf<GetResult<'uint16', null>>().toEqualTypeOf<U16>()
    expectTypeOf<GetResult<'uint16', '...'>>().toEqualTypeOf<U16>()
    expectTypeOf<GetResult<'uint16', readonly [1, Slice]>>().toEqualTypeOf<U16>()
    expectTypeOf<GetResult<'uint16', readonly [1, '...']>>().toEqualTypeOf<U16>()
    expectTypeOf<GetResult<'uint16', Slice[]>>().toEqualTypeOf<U16>()
  })

  test('may be either for an index that is known only at run time', () => {
    expectTypeOf<GetResult<'uint16', Index>>().toEqualTypeOf<U16OrScalar>()
    expectTypeOf<GetResult<'uint16', IndexEntry[]>>().toEqualTypeOf<U16OrScalar>()
    expectTypeOf<GetResult<'uint16', readonly [number | Slice, number]>>().toEqualTypeOf<U16OrScalar>()
  })

  test('follows what is passed', async () => {
    const source: Source<'uint16'> = arraySource(zeros([2, 3], 'uint16'))
    expectTypeOf(source.get()).resolves.toEqualTypeOf<U16>()
    expectTypeOf(source.get([slice(1), 2])).resolves.toEqualTypeOf<U16>()
    expectTypeOf(source.get([0, 0])).resolves.toEqualTypeOf<U16OrScalar>()
    const entries: IndexEntry[] = [0, 0]
    expectTypeOf(source.get(entries)).resolves.toEqualTypeOf<U16OrScalar>()
    expectTypeOf(source.get([0, 0], { out: zeros([], 'uint16') })).resolves.toEqualTypeOf<U16>()
    // The run time agrees.
    expect(await source.get(entries)).toBe(0)
  })
})

describe('dtypes', () => {
  test('name their data and scalars', () => {
    expectTypeOf<DataOf<'float16'>>().toEqualTypeOf<Float16View>()
    expectTypeOf<DataOf<'complex64'>>().toEqualTypeOf<Float32Array>()
    expectTypeOf<ScalarOf<'uint64'>>().toEqualTypeOf<bigint>()
    expectTypeOf<ScalarOf<'complex128'>>().toEqualTypeOf<readonly [re: number, im: number]>()
  })

  test('narrow a source', () => {
    const source: Source = arraySource(zeros([1], 'uint8'))
    if (hasDType(source, 'uint8')) expectTypeOf(source.dtype).toEqualTypeOf<'uint8'>()
    expect(hasDType(source, 'uint16')).toBe(false)
  })

  test('are kept by ndarray, arraySource, asSource and defineSource', () => {
    expectTypeOf(ndarray(new Float32Array(2), [1], 'complex64')).toEqualTypeOf<NdArray<'complex64'>>()
    expectTypeOf(ndarray(new Float32Array(2))).toEqualTypeOf<NdArray>()
    expectTypeOf(arraySource(zeros([1], 'int8'))).toEqualTypeOf<ArraySource<'int8'>>()
    expectTypeOf(asSource(zeros([1], 'int8'))).resolves.toEqualTypeOf<ArraySource<'int8'>>()
    expectTypeOf(defineSource({ kind: 'x', shape: [], dtype: 'int8', access: { read: async () => {} } })).toExtend<Source<'int8'>>()
  })

  test('are checked where values are written', () => {
    const write = (source: Source<'int8'>, any: Source<DType>): unknown[] => [
      source.set(0, 1),
      source.set(0, zeros([1], 'int8')),
      // @ts-expect-error: bigint is no element of int8
      source.set(0, 1n),
      // @ts-expect-error: an array of another dtype
      source.set(0, zeros([1], 'int16')),
      // @ts-expect-error: nor may it be filled
      source.get(null, { out: zeros([1], 'int16') }),
      any.set(0, 1n)
    ]
    expect(write).toBeTypeOf('function')
  })
})

describe('kinds that backends add', () => {
  test('join Kind and SourceSpec', () => {
    expectTypeOf<Kind>().toEqualTypeOf<'made-up' | 'made-up-too'>()
    expectTypeOf<SourceOf<'made-up'>>().toEqualTypeOf<MadeUpKind['source']>()
    expectTypeOf<SourceSpec>().toEqualTypeOf<MadeUpKind['spec'] | SpecBase<'made-up-too'>>()
  })

  test('type fromSpec and openSource, and check literal specs', () => {
    const open = (): unknown[] => {
      expectTypeOf(fromSpec({ kind: 'made-up', path: '/a', params: { level: 3 } })).resolves.toEqualTypeOf<MadeUpKind['source']>()
      expectTypeOf(fromSpec({ kind: 'unknown' })).resolves.toEqualTypeOf<Source>()
      const ours = fromSpec({ kind: 'unknown' } as SpecBase)
      expectTypeOf(ours).resolves.toEqualTypeOf<Source>()
      // @ts-expect-error: a level is a number
      const wrongOption = fromSpec({ kind: 'made-up', path: '/a', params: { level: 'three' } })
      // @ts-expect-error: this kind needs a path
      const withoutPath = fromSpec({ kind: 'made-up' })
      expectTypeOf(fromSpec(JSON.parse('{}') as unknown)).resolves.toEqualTypeOf<Source>()
      expectTypeOf(openSource('/a', { format: 'made-up' })).resolves.toEqualTypeOf<MadeUpKind['source']>()
      expectTypeOf(openSource('/a')).resolves.toEqualTypeOf<Source>()
      expectTypeOf(parseSpec({})).toEqualTypeOf<SpecBase>()
      const spec: SourceSpec = { kind: 'made-up', path: '/a', params: { level: 3 } }
      // @ts-expect-error: a level is a number
      const wrong: SourceSpec = { kind: 'made-up', path: '/a', params: { level: 'three' } }
      // @ts-expect-error: a kind that nobody registered
      const unknown: SourceSpec = { kind: 'nobody', path: '/a' }
      return [spec, wrong, unknown, wrongOption, withoutPath]
    }
    expect(open).toBeTypeOf('function')
  })
})
