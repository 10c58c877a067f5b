import { forEachConcurrently, withLock } from '../concurrency.js'
import type { AccessOptions } from '../define-source.js'
import { bytesOf, type DType, itemSizeOf } from '../dtype.js'
import type { Region } from '../indexing.js'
import { type NdArray, sizeOf } from '../nd-array.js'
import { changeObject, lockObject, objectName } from '../stores/change-object.js'
import { copyStrided, fillStrided } from '../strided/copy-strided.js'
import { type ChunkPart, chunkParts } from './chunk-grid.js'
import type { ChunkChange, ChunkStorage, StoredUnit } from './chunk-storage.js'
import { type ChunkedEngine, loadChunk } from './chunked-engine.js'
import { type ChunkShape, chunkShapeAt } from './chunked-layout.js'
import { chunkError } from './inline-executor.js'
import { isFilledWith } from './is-filled-with.js'

/** Stored units written at the same time. */
const concurrentUnits = 4
/** Chunks of one unit encoded at the same time. */
const concurrentChunks = 4

/** A stored object and the parts of a region that lie in it. */
interface Unit {
  readonly name: string
  readonly parts: readonly ChunkPart[]
  /** Whether the parts are everything of the unit that lies inside the array. */
  readonly isWhole: boolean
}

/**
 * Writes a region. Chunks are collected by the stored unit that holds them (the chunk itself, or its shard). A unit that is covered
 * whole is stored without being read; any other is read, changed and stored if it is still what was read, else read again, so that
 * writes to one unit from several threads, processes and machines all last.
 *
 * @throws ERR_CONFLICT if other writers are faster every time.
 */
export async function writeChunks<D extends DType>(
  engine: ChunkedEngine<D>,
  region: Region,
  value: NdArray<D>,
  options: AccessOptions
): Promise<void> {
  await forEachConcurrently(unitsOf(engine, region), concurrentUnits, options.signal, (unit) => writeUnit(engine, unit, value, options))
}

async function writeUnit<D extends DType>(engine: ChunkedEngine<D>, unit: Unit, value: NdArray<D>, options: AccessOptions): Promise<void> {
  const { storage } = engine.layout
  const { store } = storage
  const { signal } = options
  try {
    if (unit.isWhole) {
      const replace = async (): Promise<void> => {
        signal?.throwIfAborted()
        const changes = await encodeParts(engine, unit, value, undefined, options)
        // From here on the unit is written whole: an abort comes before or after it, never in between.
        await storage.write?.(unit.name, changes, {})
      }
      if (storage.locksWholeUnits === true) await lockObject(store, unit.name, signal, replace)
      else await withLock(objectName(store, unit.name), replace)
    } else {
      await changeObject(store, unit.name, signal, async () => {
        const current = storage.openUnit === undefined ? openByChunk(storage, unit.name) : await storage.openUnit(unit.name, options)
        const changes = await encodeParts(engine, unit, value, current, options)
        await current.write(changes)
      })
    }
  } catch (error) {
    throw chunkError(error, { store, signal }, { location: { key: unit.name }, position: unit.parts[0]?.position ?? [] })
  } finally {
    for (const { position } of unit.parts) engine.cache?.invalidate(engine.cacheKey(position))
    storage.forget?.(unit.name)
  }
}

/** A unit of a storage that reads its chunks one by one, and keeps by itself what a write does not name. */
function openByChunk(storage: ChunkStorage, unit: string): StoredUnit {
  return {
    locate: (position) => storage.locate(position, {}),
    write: async (changes) => storage.write?.(unit, changes, {})
  }
}

async function encodeParts<D extends DType>(
  engine: ChunkedEngine<D>,
  { name, parts }: Unit,
  value: NdArray<D>,
  current: StoredUnit | undefined,
  options: AccessOptions
): Promise<readonly ChunkChange[]> {
  const changes: ChunkChange[] = []
  await forEachConcurrently(parts, concurrentChunks, options.signal, async (part) => {
    try {
      changes.push({ position: part.position, encoded: await encodePart(engine, part, value, current, options) })
    } catch (error) {
      const { store } = engine.layout.storage
      throw chunkError(error, { store, signal: options.signal }, { location: { key: name }, position: part.position })
    }
  })
  return changes
}

/** The units that a region meets, one by one: they may be very many. */
function* unitsOf(engine: ChunkedEngine, region: Region): Generator<Unit> {
  const { chunks, shape, storage } = engine.layout
  const { unitShape } = storage
  const nameOf = (parts: readonly ChunkPart[]): string => storage.unitOf(parts[0]?.position ?? [])
  if (unitShape === 'chunk') {
    for (const part of chunkParts(region, chunks)) yield { name: nameOf([part]), parts: [part], isWhole: covers(part, chunks, shape) }
  } else if (unitShape === undefined) {
    const units = new Map<string, ChunkPart[]>()
    for (const part of chunkParts(region, chunks)) {
      const name = nameOf([part])
      const parts = units.get(name)
      if (parts === undefined) units.set(name, [part])
      else parts.push(part)
    }
    for (const [name, parts] of units) yield { name, parts, isWhole: false }
  } else {
    const unitLengths = chunks.map((length, axis) => length * (unitShape[axis] ?? 1))
    for (const unit of chunkParts(region, unitLengths)) {
      const parts = Array.from(chunkParts(inRegion(unit, unitLengths), chunks), (part) => ({
        ...part,
        regionStart: part.regionStart.map((at, axis) => at + (unit.regionStart[axis] ?? 0))
      }))
      yield { name: nameOf(parts), parts, isWhole: covers(unit, unitLengths, shape) }
    }
  }
}

/** The region of the array that a part is. */
function inRegion(part: ChunkPart, lengths: readonly number[]): Region {
  return {
    start: part.start.map((at, axis) => at + (part.position[axis] ?? 0) * (lengths[axis] ?? 1)),
    shape: part.shape,
    step: part.shape.map(() => 1)
  }
}

/** Whether a part holds every element of its box, one of a grid of boxes of these lengths, that lies inside the array. */
function covers(part: ChunkPart, lengths: readonly number[], shape: readonly number[]): boolean {
  return part.shape.every(
    (length, axis) => length === Math.min(lengths[axis] ?? 0, (shape[axis] ?? 0) - (part.position[axis] ?? 0) * (lengths[axis] ?? 1))
  )
}

/** The encoded chunk after the write; `undefined` if nothing but fill value is left. */
async function encodePart<D extends DType>(
  engine: ChunkedEngine<D>,
  part: ChunkPart,
  value: NdArray<D>,
  current: StoredUnit | undefined,
  options: AccessOptions
): Promise<Uint8Array | undefined> {
  const { layout } = engine
  const itemSize = itemSizeOf(layout.dtype)
  const chunk = chunkShapeAt(layout, part.position)
  const bytes = covers(part, layout.chunks, layout.shape)
    ? newChunk(engine, part, chunk)
    : ((await currentChunk(engine, part, chunk, current, options)) ?? filledChunk(engine, chunk))
  copyStrided({
    shape: part.shape,
    itemSize,
    source: bytesOf(value.data),
    sourceOffset: part.regionStart.reduce((sum, at, axis) => sum + at * (value.stride[axis] ?? 0), value.offset ?? 0) * itemSize,
    sourceStrides: value.stride.map((stride) => stride * itemSize),
    destination: bytes,
    destinationOffset: part.start.reduce((sum, at, axis) => sum + at * (chunk.strides[axis] ?? 0), 0),
    destinationStrides: chunk.strides
  })
  // A chunk that cannot be removed must be stored, or the old one would stay.
  const mayRemove = layout.writeEmptyChunks !== true && layout.storage.store.delete !== undefined
  if (mayRemove && isFilledWith(bytes, layout.fill)) return undefined
  const coder = await engine.coder(chunk)
  return coder.encode(bytes)
}

async function currentChunk(
  engine: ChunkedEngine,
  part: ChunkPart,
  chunk: ChunkShape,
  current: StoredUnit | undefined,
  options: AccessOptions
): Promise<Uint8Array | undefined> {
  const location = await current?.locate(part.position)
  return loadChunk(engine, part.position, chunk, location, options)
}

function newChunk(engine: ChunkedEngine, part: ChunkPart, chunk: ChunkShape): Uint8Array {
  return sizeOf(part.shape) === sizeOf(chunk.shape) ? new Uint8Array(chunk.byteLength) : filledChunk(engine, chunk)
}

function filledChunk(engine: ChunkedEngine, chunk: ChunkShape): Uint8Array {
  const bytes = new Uint8Array(chunk.byteLength)
  if (engine.layout.fill.some((byte) => byte !== 0)) fillStrided(bytes, 0, chunk.strides, chunk.shape, engine.layout.fill)
  return bytes
}
