import { forEachConcurrently, withLock } from '../concurrency.js'
import type { AccessOptions } from '../define-source.js'
import { bytesOf, type DType, itemSizeOf } from '../dtype.js'
import type { Region } from '../indexing.js'
import { type NdArray, sizeOf } from '../nd-array.js'
import { copyStrided, fillStrided } from '../strided/copy-strided.js'
import { type ChunkPart, chunkParts } from './chunk-grid.js'
import type { ChunkChange } from './chunk-storage.js'
import { type ChunkedEngine, loadChunk } from './chunked-engine.js'
import { type ChunkShape, chunkShapeAt } from './chunked-layout.js'
import { chunkError } from './inline-executor.js'

/** Stored units written at the same time. */
const concurrentUnits = 4
/** Chunks of one unit encoded at the same time. */
const concurrentChunks = 4

/**
 * Writes a region. Chunks are collected by the stored unit that holds them (the chunk itself, or its shard); each unit is
 * read where it is covered in part, changed and stored at once, under its lock, so that two writes to one unit both last.
 */
export async function writeChunks<D extends DType>(
  engine: ChunkedEngine<D>,
  region: Region,
  value: NdArray<D>,
  options: AccessOptions
): Promise<void> {
  const { storage } = engine.layout
  const write = storage.write
  if (write === undefined) return
  await forEachConcurrently(unitsOf(engine, region), concurrentUnits, options.signal, ([unit, parts]) =>
    withLock(`${storage.store.identity}\n${unit}`, async () => {
      options.signal?.throwIfAborted()
      const changes: ChunkChange[] = []
      await forEachConcurrently(parts, concurrentChunks, options.signal, async (part) => {
        changes.push({ position: part.position, encoded: await encodePart(engine, part, value, options) })
      })
      try {
        // From here on the unit is written whole: an abort comes before or after it, never in between.
        await write.call(storage, unit, changes, {})
      } catch (error) {
        throw chunkError(error, { store: storage.store }, { location: { key: unit }, position: parts[0]?.position ?? [] })
      } finally {
        for (const { position } of parts) engine.cache?.invalidate(engine.cacheKey(position))
      }
    })
  )
}

/** The parts of the region by unit. */
function unitsOf(engine: ChunkedEngine, region: Region): Map<string, ChunkPart[]> {
  const units = new Map<string, ChunkPart[]>()
  for (const part of chunkParts(region, engine.layout.chunks)) {
    const unit = engine.layout.storage.unitOf(part.position)
    const parts = units.get(unit)
    if (parts === undefined) units.set(unit, [part])
    else parts.push(part)
  }
  return units
}

/** The encoded chunk after the write; `undefined` if nothing but fill value is left. */
async function encodePart<D extends DType>(
  engine: ChunkedEngine<D>,
  part: ChunkPart,
  value: NdArray<D>,
  options: AccessOptions
): Promise<Uint8Array | undefined> {
  const { layout } = engine
  const itemSize = itemSizeOf(layout.dtype)
  const chunk = chunkShapeAt(layout, part.position)
  const bytes = coversChunk(engine, part, chunk)
    ? newChunk(engine, part, chunk)
    : ((await currentChunk(engine, part, chunk, options)) ?? filledChunk(engine, chunk))
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
  try {
    const coder = await engine.coder(chunk)
    return await coder.encode(bytes)
  } catch (error) {
    const location = { key: layout.storage.unitOf(part.position) }
    throw chunkError(error, { store: layout.storage.store, signal: options.signal }, { location, position: part.position })
  }
}

async function currentChunk(
  engine: ChunkedEngine,
  part: ChunkPart,
  chunk: ChunkShape,
  options: AccessOptions
): Promise<Uint8Array | undefined> {
  const location = await engine.layout.storage.locate(part.position, options)
  return loadChunk(engine, part.position, chunk, location, options)
}

/** Whether the part holds every element of the chunk that lies inside the array. */
function coversChunk(engine: ChunkedEngine, part: ChunkPart, chunk: ChunkShape): boolean {
  const { shape, chunks } = engine.layout
  return part.shape.every(
    (length, axis) => length === Math.min(chunk.shape[axis] ?? 0, (shape[axis] ?? 0) - (part.position[axis] ?? 0) * (chunks[axis] ?? 1))
  )
}

function newChunk(engine: ChunkedEngine, part: ChunkPart, chunk: ChunkShape): Uint8Array {
  return sizeOf(part.shape) === sizeOf(chunk.shape) ? new Uint8Array(chunk.byteLength) : filledChunk(engine, chunk)
}

function filledChunk(engine: ChunkedEngine, chunk: ChunkShape): Uint8Array {
  const bytes = new Uint8Array(chunk.byteLength)
  if (engine.layout.fill.some((byte) => byte !== 0)) fillStrided(bytes, 0, chunk.strides, chunk.shape, engine.layout.fill)
  return bytes
}

/** Compares bytes, so that a NaN equals itself and -0 is not 0. */
function isFilledWith(bytes: Uint8Array, fill: Uint8Array): boolean {
  const itemSize = fill.byteLength
  for (let at = 0; at < itemSize; at++) if (bytes[at] !== fill[at]) return false
  // The first element is the fill value: the rest is too if the bytes repeat themselves.
  for (let at = itemSize; at < bytes.byteLength; at++) if (bytes[at] !== bytes[at - itemSize]) return false
  return true
}
