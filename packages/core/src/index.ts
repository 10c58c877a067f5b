/**
 * The core of `@bioimage`: one array-like handle, the {@link Source}, for every format. What backends are built on is the entry
 * `@bioimage/core/backend`.
 *
 * @module
 */

export { itemAt, type Nested, ndarray, toNested, zeros } from './array-helpers.js'
export { type ArraySource, arraySource } from './array-source.js'
export { asSource, isSource, type SourceLike } from './as-source.js'
export type { CodecSpec } from './chunked/codec.js'
export type { Context } from './context.js'
export { type CreateOptions, createSource } from './create.js'
export type {
  AdoptRequest,
  ArrayInfo,
  CreateRequest,
  Kind,
  ListRequest,
  Mode,
  OpenRequest,
  Reader,
  Sniff,
  SourceDriver,
  SourceKinds,
  SourceOf,
  SourceSpec,
  SpecOf
} from './driver.js'
export type { DataOf, DType, ScalarOf, TypedArray } from './dtype.js'
export { type ErrorCode, type ErrorDetails, isAbort, isSourceError, SourceError, withDetails } from './errors.js'
export { Float16View } from './float16.js'
export { fromSpec } from './from-spec.js'
export type { Index, IndexEntry, NormalizedIndex, Region } from './indexing.js'
export { isJsonObject, type Json, type JsonObject } from './json.js'
export { type ListOptions, listArrays } from './list-arrays.js'
export { type Location, resolveLocation, type Target } from './location.js'
export type { Affine, Axis, AxisType, Level, Segment, SegmentationMetadata, SourceMetadata } from './metadata.js'
export type { NdArray } from './nd-array.js'
export { type FileSource, type OpenOptions, openSource } from './open.js'
export type { ParameterSchema, ParameterType } from './parameters.js'
export { fromPythonSpec, isPythonSpec, toPythonSpec } from './python-spec.js'
export { createRegistry, globalRegistry, type Registry, registerSource, registerStore } from './registry.js'
export { type Slice, slice } from './slice.js'
export type { GetOptions, GetResult, SetOptions, SetValue, Source } from './source.js'
export { parseSpec, type SpecBase, specOf } from './spec.js'
export { blobStore } from './stores/blob-store.js'
export { checkSize, resolveRange } from './stores/byte-range.js'
export { fileSystemStore } from './stores/file-system-store.js'
export { httpStore } from './stores/http-store.js'
export { memoryStore } from './stores/memory-store.js'
export {
  type ByteRange,
  type ContentHeaders,
  isStore,
  joinKey,
  type ObjectWriter,
  type Store,
  type StoreDeleteOptions,
  type StoreDriver,
  type StoreEntry,
  type StoreGetOptions,
  type StoreLock,
  type StoreSetOptions
} from './stores/store.js'
export { type ThirdPartyStore, thirdPartyStore } from './stores/third-party-store.js'
export { zipStore } from './stores/zip-store.js'
