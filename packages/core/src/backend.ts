/**
 * What backends are built on: the chunked and the strided engine, the source that checks what callers give, dtypes, shapes and
 * index rules. An entry of its own, so that it arrives with the first reader and not with the first download of an application:
 * bundlers that split by file take every module that the root entry names and a reader uses.
 *
 * @module
 */
export { ChunkCache, sharedChunkCache } from './chunked/chunk-cache.js'
export { type ChunkPart, chunkParts } from './chunked/chunk-grid.js'
export {
  type ChunkAccessOptions,
  type ChunkChange,
  type ChunkLocation,
  type ChunkStorage,
  objectPerChunk,
  type StoredUnit
} from './chunked/chunk-storage.js'
export { chunkedAccess, forgetChunks } from './chunked/chunked-access.js'
export type { ChunkedLayout } from './chunked/chunked-layout.js'
export type { ChunkBox, ChunkCoder, ChunkCoding, CodecRuntime, GatherChunks, StridedBox, StridedCopy } from './chunked/codec.js'
export type { ChunkJob, ChunkReadTask, Executor } from './chunked/executor.js'
export { fetchEncoded, inlineExecutor } from './chunked/inline-executor.js'
export { LoadingCache } from './chunked/loading-cache.js'
export { forEachConcurrently, unlessAborted, withLock } from './concurrency.js'
export { type Attempt, arrayNotChosen, arrayNotFound, attempt, nameArrays, unreadableArray } from './container.js'
export { type ContainerAbove, containerAbove } from './container-above.js'
export { defaultChunks } from './default-chunks.js'
export { type AccessOptions, defineSource, type RegionAccess, type SourceDefinition } from './define-source.js'
export {
  bytesOf,
  componentSizeOf,
  createData,
  dtypeOfData,
  dtypes,
  hasDType,
  isDType,
  itemSizeOf,
  scalarAt
} from './dtype.js'
export { conflict } from './errors.js'
export {
  checkDigits,
  type ExactMembers,
  formatDocument,
  formatMembers,
  keepsDigits,
  maximalDocument,
  memberTexts,
  parseDocument
} from './exact-json.js'
export { Float16View, narrowFloat16, widenFloat16 } from './float16.js'
export { normalizeIndex, wholeRegion } from './indexing.js'
export { localPathOf } from './location.js'
export { axisTypeOfName } from './metadata.js'
export { contiguousStride, isContiguous, isNdArray, sizeOf } from './nd-array.js'
export { checkParameters } from './parameters.js'
export { checkChunkBytes, checkRank, numbersOf, parseIntegers, parseObject } from './parse-members.js'
export { bootIdentity, processIdentity, stateOfProcess } from './process-identity.js'
export { retry } from './retry.js'
export {
  againIfReplaced,
  changeObject,
  lockObject,
  objectName,
  type ReadObject,
  readObject,
  replaceObject
} from './stores/change-object.js'
export { type CreateObjectOptions, createObject, writerStore } from './stores/create-object.js'
export { dropLeftLock, type FileLock, type FileLockOptions, type FileLockState, readFileLock, takeFileLock } from './stores/file-lock.js'
export { ancestorsOf, deleteFolder, hasFolders, measureFolder, removalOfLeftChunks, walkFolders } from './stores/folder-tree.js'
export { memoryStore } from './stores/memory-store.js'
export { type SiblingOptions, siblingStore } from './stores/sibling-store.js'
export { isThirdPartyStore } from './stores/third-party-store.js'
export { copyStrided, fillStrided, swapBytes } from './strided/copy-strided.js'
export type { LinearScaling } from './strided/scale-strided.js'
export { type StridedLayout, type StridedPart, stridedAccess } from './strided/strided-access.js'
export { type StridedOutput, type StridedOutputOptions, stridedOutput } from './strided/strided-output.js'
export { shareable } from './url-credentials.js'
