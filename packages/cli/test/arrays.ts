import { createSource, type DType, type NdArray, ndarray, openSource, type SourceMetadata } from '@bioimage/core'
import { bytesOf, sizeOf } from '@bioimage/core/backend'
import '@bioimage/hdf5'
import '@bioimage/zarr'
import { expect } from 'vitest'

/** Numbers that look random and are the same every time. */
export function pattern(length: number, modulus: number): number[] {
  return Array.from({ length }, (_, at) => (Math.imul(at + 1, 2654435761) >>> 7) % modulus)
}

export const nanometers: SourceMetadata = {
  axes: [
    { name: 'z', type: 'space', unit: 'nanometer', scale: 40 },
    { name: 'y', type: 'space', unit: 'nanometer', scale: 4 },
    { name: 'x', type: 'space', unit: 'nanometer', scale: 4.5 }
  ]
}

/** A uint16 array of the pattern. */
export function volume(shape: readonly number[]): NdArray<'uint16'> {
  return ndarray(Uint16Array.from(pattern(sizeOf(shape), 4096)), shape, 'uint16')
}

/** Writes an array as Zarr. */
export async function writeZarr(
  path: string,
  array: NdArray,
  options: {
    readonly internalPath?: string
    readonly chunks?: readonly number[]
    readonly metadata?: SourceMetadata
    readonly attrs?: { readonly [name: string]: string }
  } = {}
): Promise<void> {
  const source = await createSource(path, {
    format: 'zarr',
    shape: array.shape,
    dtype: array.dtype,
    codecs: [{ id: 'gzip', level: 1 }],
    ...options
  })
  await source.set('...', array)
  await source.close()
}

/** Reads a whole array. */
export async function readAll(path: string, internalPath?: string): Promise<NdArray<DType>> {
  const source = await openSource(path, { format: 'zarr', internalPath })
  const array = await source.get()
  await source.close()
  return array
}

/** Compares shape, dtype and every byte. (Comparing millions of elements one by one takes a test runner seconds.) */
export function expectSame(found: NdArray, expected: NdArray): void {
  expect({ shape: found.shape, dtype: found.dtype }).toEqual({ shape: expected.shape, dtype: expected.dtype })
  expect(Buffer.compare(bytesOf(found.data), bytesOf(expected.data))).toBe(0)
}
