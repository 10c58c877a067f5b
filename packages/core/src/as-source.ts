import { type ArraySource, arraySource } from './array-source.js'
import type { Context } from './context.js'
import type { DType, TypedArray } from './dtype.js'
import { SourceError } from './errors.js'
import { isNdArray, type NdArray } from './nd-array.js'
import { globalRegistry } from './registry.js'
import type { Source } from './source.js'

/** What {@link asSource} takes: a source, an array in memory, or a live array object of a library that a backend knows. */
export type SourceLike = Source | NdArray | TypedArray | object

/**
 * Makes a source of a live value: a source (given back as it is), an array in memory, or an array object of a library whose
 * backend is registered, such as a zarrita array.
 *
 * @throws ERR_INVALID_ARGUMENT for anything else; for a path it says to use `openSource`.
 */
export function asSource<S extends Source>(value: S, context?: Context): Promise<S>
export function asSource<D extends DType>(value: NdArray<D>, context?: Context): Promise<ArraySource<D>>
export function asSource(value: TypedArray, context?: Context): Promise<ArraySource>
export function asSource(value: SourceLike, context?: Context): Promise<Source>
export async function asSource(value: unknown, context: Context = {}): Promise<Source> {
  if (typeof value === 'string' || value instanceof URL) {
    throw new SourceError(
      'ERR_INVALID_ARGUMENT',
      `asSource takes live arrays; open a path with openSource(${JSON.stringify(String(value))})`
    )
  }
  if (isSource(value)) return value
  const registry = context.registry ?? globalRegistry()
  for (const driver of registry.drivers()) {
    if (typeof value !== 'object' || value === null || driver.accepts?.(value) !== true) continue
    const reader = await registry.reader(driver)
    if (reader.wrap !== undefined) return reader.wrap(value, context)
  }
  if (isNdArray(value)) return arraySource(value)
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return arraySource(value as TypedArray)
  const known = registry.drivers().filter((driver) => driver.accepts !== undefined)
  const backends = known.length > 0 ? `, and the live handles of ${known.map((driver) => driver.id).join(', ')}` : ''
  throw new SourceError(
    'ERR_INVALID_ARGUMENT',
    `cannot make a source of ${value === null ? 'null' : typeof value}; asSource takes sources, NdArrays and typed arrays${backends}`
  )
}

/** Whether a value has the members of a {@link Source}, also one made by another copy of this package. */
export function isSource(value: unknown): value is Source {
  return typeof value === 'object' && value !== null && 'toSpec' in value && 'get' in value && 'dtype' in value && 'shape' in value
}
