/**
 * The core of `@bioimage`: one array-like handle, the {@link Source}, for every format, and the engines and stores that
 * backends are built on.
 *
 * @module
 */
export { type ArraySource, arraySource } from './array-source.js'
export { ChunkCache, sharedChunkCache } from './chunked/chunk-cache.js'
export { type ChunkPart, chunkParts } from './chunked/chunk-grid.js'
export {
  type ChunkAccessOptions,
  type ChunkChange,
  type ChunkLocation,
  type ChunkStorage,
  objectPerChunk
} from './chunked/chunk-storage.js'
export { chunkedAccess, forgetChunks } from './chunked/chunked-access.js'
export type { ChunkedLayout } from './chunked/chunked-layout.js'
export type { ChunkCoder, ChunkCoding, CodecRuntime, CodecSpec, StridedBox, StridedCopy } from './chunked/codec.js'
export type { ChunkJob, ChunkReadTask, Executor } from './chunked/executor.js'
export { inlineExecutor } from './chunked/inline-executor.js'
export { forEachConcurrently, withLock } from './concurrency.js'
export { type Attempt, arrayNotChosen, arrayNotFound, attempt, nameArrays, unreadableArray } from './container.js'
export type { Context } from './context.js'
export { defaultChunks } from './default-chunks.js'
export { type AccessOptions, defineSource, type RegionAccess, type SourceDefinition } from './define-source.js'
export type {
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
export {
  bytesOf,
  componentSizeOf,
  createData,
  type DataOf,
  type DType,
  dtypeOfData,
  dtypes,
  hasDType,
  isDType,
  itemSizeOf,
  type ScalarOf,
  scalarAt,
  type TypedArray
} from './dtype.js'
export { type ErrorCode, type ErrorDetails, isAbort, isSourceError, SourceError, withDetails } from './errors.js'
export { formatDocument, parseDocument } from './exact-json.js'
export { Float16View, narrowFloat16, widenFloat16 } from './float16.js'
export {
  type Index,
  type IndexEntry,
  type NormalizedIndex,
  normalizeIndex,
  type Region,
  type Slice,
  slice,
  wholeRegion
} from './indexing.js'
export { isJsonObject, type Json, type JsonObject } from './json.js'
export { type Location, resolveLocation, type Target } from './location.js'
export { type Axis, type AxisType, axisTypeOfName, type Level, type SourceMetadata } from './metadata.js'
export {
  contiguousStride,
  isContiguous,
  isNdArray,
  itemAt,
  type NdArray,
  type Nested,
  ndarray,
  sizeOf,
  toNested,
  zeros
} from './nd-array.js'
export {
  asSource,
  type CreateOptions,
  createSource,
  type FileSource,
  fromSpec,
  isSource,
  type ListOptions,
  listArrays,
  type OpenOptions,
  openSource,
  type SourceLike,
  specOf
} from './open.js'
export type { ParameterSchema, ParameterType } from './parameters.js'
export { checkChunkBytes, checkRank, numbersOf, parseIntegers, parseObject } from './parse-members.js'
export { fromPythonSpec, isPythonSpec, toPythonSpec } from './python-spec.js'
export { createRegistry, globalRegistry, type Registry, registerSource, registerStore } from './registry.js'
export type { GetOptions, GetResult, SetOptions, SetValue, Source } from './source.js'
export { parseSpec, type SpecBase } from './spec.js'
export { blobStore } from './stores/blob-store.js'
export { checkSize, resolveRange } from './stores/byte-range.js'
export { type CreateObjectOptions, createObject } from './stores/create-object.js'
export { fileSystemStore } from './stores/file-system-store.js'
export { ancestorsOf, deleteFolder, hasFolders, measureFolder, walkFolders } from './stores/folder-tree.js'
export { httpStore } from './stores/http-store.js'
export { memoryStore } from './stores/memory-store.js'
export {
  type ByteRange,
  isStore,
  joinKey,
  type ObjectWriter,
  type Store,
  type StoreDriver,
  type StoreEntry,
  type StoreGetOptions,
  type StoreSetOptions
} from './stores/store.js'
export { type ThirdPartyStore, thirdPartyStore } from './stores/third-party-store.js'
export { zipStore } from './stores/zip-store.js'
export { copyStrided, fillStrided, swapBytes } from './strided/copy-strided.js'
export { type StridedLayout, type StridedPart, stridedAccess } from './strided/strided-access.js'
export { type StridedOutput, type StridedOutputOptions, stridedOutput } from './strided/strided-output.js'
