import { forEachConcurrently } from '../concurrency.js'
import type { AccessOptions } from '../define-source.js'
import { bytesOf, type DType, itemSizeOf } from '../dtype.js'
import { SourceError } from '../errors.js'
import type { Region } from '../indexing.js'
import { type NdArray, sizeOf } from '../nd-array.js'
import { copyStrided } from '../strided/copy-strided.js'
import { readStrided, type StridedRead } from '../strided/read-strided.js'
import { type ChunkPart, chunkParts } from './chunk-grid.js'
import type { ChunkLocation } from './chunk-storage.js'
import { type ChunkedEngine, loadChunk } from './chunked-engine.js'
import { type ChunkShape, chunkShapeAt, swapSizeOf } from './chunked-layout.js'
import type { CodecSpec } from './codec.js'
import type { ChunkJob } from './executor.js'
import { chunkError } from './inline-executor.js'

/** Read rows of an uncompressed chunk by themselves if they are at most this part of it. */
const partialReadFraction = 1 / 4

interface LocatedPart {
  readonly part: ChunkPart
  readonly chunk: ChunkShape
  readonly location: ChunkLocation | undefined
}

/** The ways to read a part of a chunk. */
interface ReadPlan {
  /** Decoded and copied by the executor, by shape and codecs of the chunk. */
  readonly direct: Map<string, { chunk: ChunkShape; codecs: readonly CodecSpec[] | undefined; jobs: ChunkJob[] }>
  /** Parts of chunks that are worth keeping decoded. */
  readonly cached: LocatedPart[]
  /** Few rows of chunks that are stored as they are. */
  readonly rows: LocatedPart[]
}

/** Reads a region: looks up its chunks, chooses the cheapest way to read each, and lets the executor do the work. */
export async function readChunks<D extends DType>(
  engine: ChunkedEngine<D>,
  region: Region,
  out: NdArray<D>,
  options: AccessOptions
): Promise<void> {
  const { layout } = engine
  const itemSize = itemSizeOf(layout.dtype)
  const output = bytesOf(out.data)
  const outputStrides = out.stride.map((stride) => stride * itemSize)
  const plan: ReadPlan = { direct: new Map(), cached: [], rows: [] }
  const destinationOf = (part: ChunkPart): number =>
    part.regionStart.reduce((sum, at, axis) => sum + at * (outputStrides[axis] ?? 0), (out.offset ?? 0) * itemSize)
  const sourceOf = (part: ChunkPart, chunk: ChunkShape): number =>
    part.start.reduce((sum, at, axis) => sum + at * (chunk.strides[axis] ?? 0), 0)
  const stridesOf = (chunk: ChunkShape): number[] => chunk.strides.map((stride, axis) => stride * (region.step[axis] ?? 1))

  await locateParts(engine, region, options, (located) => {
    const { part, chunk, location } = located
    const way = location === undefined ? 'direct' : wayToRead(engine, located)
    if (way !== 'direct') {
      plan[way].push(located)
      return
    }
    const codecs = location?.codecs
    const name = `${chunk.shape.join()}${codecs === undefined ? '' : JSON.stringify(codecs)}`
    const batch = plan.direct.get(name) ?? { chunk, codecs, jobs: [] }
    plan.direct.set(name, batch)
    batch.jobs.push({
      location,
      position: part.position,
      shape: part.shape,
      sourceOffset: sourceOf(part, chunk),
      destinationOffset: destinationOf(part)
    })
  })

  for (const { chunk, codecs, jobs } of plan.direct.values()) {
    await engine.executor.read({
      store: layout.storage.store,
      coding: engine.coding(chunk.byteLength, codecs),
      coder: await engine.coder(chunk.byteLength, codecs),
      runtime: engine.runtime,
      copyStrided: engine.runtime.copyStrided ?? copyStrided,
      jobs,
      sourceStrides: stridesOf(chunk),
      output,
      outputStrides,
      fill: layout.fill,
      concurrency: engine.concurrency,
      signal: options.signal
    })
  }
  await forEachConcurrently(plan.cached, engine.concurrency, options.signal, async ({ part, chunk, location }) => {
    const decoded = await decodedChunk(engine, part.position, chunk, location, options)
    copyStrided({
      shape: part.shape,
      itemSize,
      source: decoded ?? layout.fill,
      sourceOffset: decoded === undefined ? 0 : sourceOf(part, chunk),
      sourceStrides: decoded === undefined ? part.shape.map(() => 0) : stridesOf(chunk),
      destination: output,
      destinationOffset: destinationOf(part),
      destinationStrides: outputStrides
    })
  })
  const rowsOf = ({ part, chunk, location }: LocatedPart): StridedRead[] => {
    if (location === undefined || location.bytes !== undefined) return []
    const named = { location, position: part.position }
    const describe = (error: unknown): unknown => chunkError(error, { store: layout.storage.store, signal: options.signal }, named)
    if (location.length !== undefined && location.length !== chunk.byteLength) {
      const found = `an uncompressed chunk of ${chunk.byteLength} bytes is stored in ${location.length}`
      throw describe(new SourceError('ERR_CORRUPT_DATA', found))
    }
    return [
      {
        store: layout.storage.store,
        key: location.key,
        shape: part.shape,
        itemSize,
        swapSize: swapSizeOf(layout),
        sourceOffset: (location.offset ?? 0) + sourceOf(part, chunk),
        sourceStrides: stridesOf(chunk),
        destination: output,
        destinationOffset: destinationOf(part),
        destinationStrides: outputStrides,
        objectSize: location.offset === undefined ? chunk.byteLength : undefined,
        fill: layout.fill,
        describe
      }
    ]
  }
  await readStrided(plan.rows.flatMap(rowsOf), { concurrency: engine.concurrency, signal: options.signal })
}

/** Looks up every chunk that a region meets. Chunks whose look-up needs no waiting are handed on at once. */
async function locateParts(
  engine: ChunkedEngine,
  region: Region,
  options: AccessOptions,
  use: (located: LocatedPart) => void
): Promise<void> {
  const { layout } = engine
  await forEachConcurrently(chunkParts(region, layout.chunks), engine.concurrency, options.signal, (part) => {
    const chunk = chunkShapeAt(layout, part.position)
    const location = layout.storage.locate(part.position, options)
    if (!(location instanceof Promise)) {
      use({ part, chunk, location })
      return
    }
    return location.then(
      (location) => use({ part, chunk, location }),
      (error) => {
        throw chunkError(
          error,
          { store: layout.storage.store, signal: options.signal },
          { location: { key: layout.storage.unitOf(part.position) }, position: part.position }
        )
      }
    )
  })
}

function wayToRead(engine: ChunkedEngine, { part, chunk, location }: LocatedPart): 'direct' | 'cached' | 'rows' {
  const { layout } = engine
  const wanted = sizeOf(part.shape)
  const raw = (location?.codecs ?? layout.codecs).length === 0 && location?.bytes === undefined
  if (raw && wanted <= sizeOf(chunk.shape) * partialReadFraction) return 'rows'
  if (engine.cache === undefined || (raw && !layout.storage.store.remote)) return 'direct'
  const inside = chunk.shape.reduce(
    (size, length, axis) => size * Math.min(length, (layout.shape[axis] ?? 0) - (part.position[axis] ?? 0) * (layout.chunks[axis] ?? 1)),
    1
  )
  return wanted === inside ? 'direct' : 'cached'
}

/** A whole decoded chunk, from the cache or loaded into it; `undefined` if it is not stored. */
async function decodedChunk(
  engine: ChunkedEngine,
  position: readonly number[],
  chunk: ChunkShape,
  location: ChunkLocation | undefined,
  options: AccessOptions
): Promise<Uint8Array | undefined> {
  const load = (): Promise<Uint8Array | undefined> => loadChunk(engine, position, chunk, location, options)
  if (engine.cache === undefined) return load()
  const { store } = engine.layout.storage
  // Another process may have replaced the object.
  const revision = location === undefined || location.bytes !== undefined ? undefined : await store.revision?.(location.key)
  return engine.cache.fetch(engine.cacheKey(position), options.signal, load, revision)
}
