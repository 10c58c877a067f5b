import {
  bytesOf,
  createData,
  type DType,
  dtypeOfBareData,
  dtypeOfData,
  itemSizeOf,
  type ScalarOf,
  scalarAt,
  type TypedArray
} from './dtype.js'
import { SourceError, withDetails } from './errors.js'
import { Float16View } from './float16.js'
import { type Index, type NormalizedIndex, normalizeIndex, type Region } from './indexing.js'
import type { JsonObject } from './json.js'
import type { SourceMetadata } from './metadata.js'
import { allocateArray, checkArray, contiguousStride, isNdArray, type NdArray, sizeOf } from './nd-array.js'
import { scalarData } from './scalar-data.js'
import { checkBooleans, checkDistinct, checkShape, dropFromValue, insertDropped, usedBytes } from './selected-elements.js'
import type { GetOptions, SetOptions, SetValue, Source } from './source.js'
import type { SpecBase } from './spec.js'

/** Options that reach a backend's `read` and `write`. */
export interface AccessOptions {
  readonly signal?: AbortSignal | undefined
  /** Of reads: `out` was allocated for this read, and nobody has written to it. To be handed on only with the whole `out`. */
  readonly isNew?: boolean | undefined
}

/** Reads and writes regions that are already validated: one entry per axis, inside the array, never empty. */
export interface RegionAccess<D extends DType = DType> {
  /** Fills `out`, whose shape is the region's, with every element of the region. */
  read(region: Region, out: NdArray<D>, options: AccessOptions): Promise<void>
  /** Stores `value`, whose shape is the region's and whose strides may be 0 (a repeated scalar). Steps are 1. */
  write?: ((region: Region, value: NdArray<D>, options: AccessOptions) => Promise<void>) | undefined
  /** Releases what the backend holds. Called once. */
  close?: (() => Promise<void>) | undefined
}

/** Everything that makes a source. What a backend leaves out has the value that says "none". */
export interface SourceDefinition<D extends DType = DType> {
  readonly kind: string
  readonly shape: readonly number[]
  readonly dtype: D
  readonly chunks?: readonly number[] | null | undefined
  readonly shards?: readonly number[] | null | undefined
  readonly attrs?: JsonObject | undefined
  readonly metadata?: SourceMetadata | undefined
  /** Defaults to false. Needs `access.write`. */
  readonly writable?: boolean | undefined
  readonly access: RegionAccess<D>
  /** Makes the spec; absent for data that only this process has. */
  readonly toSpec?: (() => SpecBase) | undefined
  /** Why `set` is refused, and what to do instead. */
  readonly readOnlyReason?: string | undefined
}

/**
 * Makes a {@link Source} of a definition. It validates and normalises every call, so that `access` gets exact arguments
 * only. `extras` become further members of the source.
 */
export function defineSource<D extends DType, E extends object = object>(definition: SourceDefinition<D>, extras?: E): Source<D> & E {
  return Object.assign(new DefinedSource(definition), extras)
}

class DefinedSource<D extends DType> implements Source<D> {
  readonly kind: string
  readonly shape: readonly number[]
  readonly dtype: D
  readonly chunks: readonly number[] | null
  readonly shards: readonly number[] | null
  readonly writable: boolean
  readonly attrs: JsonObject
  readonly metadata: SourceMetadata
  readonly #definition: SourceDefinition<D>
  readonly #writes = new Set<Promise<void>>()
  #closing: Promise<void> | undefined

  constructor(definition: SourceDefinition<D>) {
    this.#definition = definition
    this.kind = definition.kind
    this.shape = Object.freeze([...definition.shape])
    this.dtype = definition.dtype
    this.chunks = definition.chunks ? Object.freeze([...definition.chunks]) : null
    this.shards = definition.shards ? Object.freeze([...definition.shards]) : null
    this.writable = definition.writable === true && definition.access.write !== undefined
    this.attrs = definition.attrs ?? {}
    this.metadata = definition.metadata ?? {}
  }

  get ndim(): number {
    return this.shape.length
  }

  get size(): number {
    return sizeOf(this.shape)
  }

  get(): Promise<NdArray<D>>
  get(index?: Index, options?: GetOptions<D>): Promise<never>
  async get(index?: Index, options: GetOptions<D> = {}): Promise<NdArray<D> | ScalarOf<D>> {
    this.#assertOpen()
    options.signal?.throwIfAborted()
    const selection = normalizeIndex(index, this.shape)
    const out = options.out === undefined ? allocateArray(selection.shape, this.dtype) : this.#outputFor(options.out, selection)
    if (sizeOf(selection.shape) > 0) {
      await this.#named(options.signal, () =>
        this.#definition.access.read(selection.region, insertDropped(out, selection), {
          signal: options.signal,
          isNew: options.out === undefined
        })
      )
    }
    return selection.scalar && options.out === undefined ? scalarAt(this.dtype, out.data, out.offset ?? 0) : out
  }

  async set(index: Index, value: SetValue<D>, options: SetOptions = {}): Promise<void> {
    this.#assertOpen()
    const write = this.#definition.access.write
    if (!this.writable || write === undefined) {
      throw new SourceError(
        'ERR_READ_ONLY',
        `this ${this.kind} source is read-only; ${this.#definition.readOnlyReason ?? "open it with mode 'r+' to write"}`,
        {
          kind: this.kind
        }
      )
    }
    options.signal?.throwIfAborted()
    const selection = normalizeIndex(index, this.shape)
    const step = selection.region.step.find((step) => step !== 1)
    if (step !== undefined) throw new SourceError('ERR_INVALID_INDEX', `writing takes slices of step 1, found step ${step}`)
    const array = this.#valueFor(value, selection)
    if (sizeOf(selection.shape) === 0) return
    const writing = this.#named(options.signal, () =>
      write.call(this.#definition.access, selection.region, insertDropped(array, selection), { signal: options.signal })
    )
    this.#writes.add(writing)
    try {
      await writing
    } finally {
      this.#writes.delete(writing)
    }
  }

  /** Whatever a backend throws leaves as a SourceError with its kind. */
  async #named(signal: AbortSignal | undefined, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      throw withDetails(error, 'ERR_IO', { kind: this.kind }, signal)
    }
  }

  toSpec(): SpecBase {
    this.#assertOpen()
    if (this.#definition.toSpec === undefined) {
      throw new SourceError(
        'ERR_NOT_SERIALIZABLE',
        `this ${this.kind} source lies in the memory of this process; write it to a file (createSource, then set) and open that`,
        {
          kind: this.kind
        }
      )
    }
    return this.#definition.toSpec()
  }

  close(): Promise<void> {
    this.#closing ??= this.#release()
    return this.#closing
  }

  async #release(): Promise<void> {
    if (this.#writes.size > 0) await Promise.allSettled(this.#writes)
    await this.#definition.access.close?.()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) {
      throw new SourceError('ERR_CLOSED', `this ${this.kind} source is closed; open it again with fromSpec or openSource`, {
        kind: this.kind
      })
    }
  }

  #outputFor(out: NdArray<D> | TypedArray | Float16View, selection: NormalizedIndex): NdArray<D> {
    if (isNdArray(out)) {
      this.#checkDType(out.dtype, 'out')
      checkShape(out.shape, selection, 'out')
      checkArray(out, 'out')
      checkDistinct(out)
      return out
    }
    return this.#arrayOver(out, selection, 'out')
  }

  #valueFor(value: SetValue<D>, selection: NormalizedIndex): NdArray<D> {
    if (isNdArray(value)) {
      this.#checkDType(value.dtype, 'value')
      checkShape(value.shape, selection, 'value')
      checkArray(value, 'value')
      if (this.dtype === 'bool') checkBooleans(usedBytes(value))
      return value.shape.length === selection.shape.length ? value : dropFromValue(value, selection)
    }
    if (isTypedArray(value)) {
      const array = this.#arrayOver(value, selection, 'value')
      if (this.dtype === 'bool') checkBooleans(bytesOf(value))
      return array
    }
    return {
      dtype: this.dtype,
      shape: selection.shape,
      stride: selection.shape.map(() => 0),
      data: scalarData(this.dtype, value as unknown)
    }
  }

  #arrayOver(data: TypedArray | Float16View, selection: NormalizedIndex, name: string): NdArray<D> {
    const found = dtypeOfData(data)
    if (found !== dtypeOfBareData(this.dtype)) this.#checkDType(found, name)
    const expected = sizeOf(selection.shape) * itemSizeOf(this.dtype)
    if (data.byteLength !== expected) {
      throw new SourceError(
        'ERR_SHAPE_MISMATCH',
        `the region has shape [${selection.shape.join(', ')}] and takes ${expected} bytes, but \`${name}\` has ${data.byteLength}`
      )
    }
    return {
      dtype: this.dtype,
      shape: selection.shape,
      stride: contiguousStride(selection.shape),
      data: createData(this.dtype, sizeOf(selection.shape), data.buffer, data.byteOffset)
    }
  }

  #checkDType(found: DType, name: string): void {
    if (found !== this.dtype) {
      throw new SourceError(
        'ERR_DTYPE_MISMATCH',
        `the source holds ${this.dtype}, but \`${name}\` is ${found}; convert it first, so that nothing is clipped in silence`
      )
    }
  }
}

function isTypedArray(value: unknown): value is TypedArray | Float16View {
  return ArrayBuffer.isView(value) || value instanceof Float16View
}
