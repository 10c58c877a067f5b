import { batchesOf, forEachConcurrently, unlessAborted } from '../concurrency.js'
import type { AccessOptions } from '../define-source.js'
import { bytesOf, type DType, itemSizeOf } from '../dtype.js'
import { conflict, isSourceError } from '../errors.js'
import type { Region } from '../indexing.js'
import { type NdArray, sizeOf } from '../nd-array.js'
import { isWhollyNew } from '../new-pages.js'
import { againIfReplaced } from '../stores/change-object.js'
import { copyStrided } from '../strided/copy-strided.js'
import { type ChunkPart, chunkParts } from './chunk-grid.js'
import { readRows } from './chunk-rows.js'
import type { ChunkAccessOptions, ChunkLocation } from './chunk-storage.js'
import { type ChunkedEngine, loadChunk } from './chunked-engine.js'
import { type ChunkShape, chunkShapeAt } from './chunked-layout.js'
import type { CodecSpec } from './codec.js'
import type { ChunkJob } from './executor.js'
import { chunkError } from './inline-executor.js'

/** Read rows of an uncompressed chunk by themselves if they are at most this part of it. */
const partialReadFraction = 1 / 4
/** Chunks that are planned at once: a region may meet more than memory holds plans for. */
const plannedChunks = 1 << 14
/** So often the rows of a chunk are tried by several requests while others replace it; then it is read whole, if it is no larger. */
const attemptsByRows = 3
const maximalInsteadOfRows = 64 << 20

/** A part of a chunk with where the chunk lies. */
export interface LocatedPart {
  readonly part: ChunkPart
  readonly chunk: ChunkShape
  readonly location: ChunkLocation | undefined
}

/** Where the elements of parts go, and from where in their chunks. All counts are bytes. */
export interface PartPlacement {
  readonly output: Uint8Array
  readonly outputStrides: readonly number[]
  destinationOffset(part: ChunkPart): number
  sourceOffset(part: ChunkPart, chunk: ChunkShape): number
  sourceStrides(chunk: ChunkShape): readonly number[]
}

/** Jobs of chunks of one shape and coding. */
interface DirectJobs {
  readonly chunk: ChunkShape
  readonly codecs: readonly CodecSpec[] | undefined
  readonly jobs: ChunkJob[]
}

/** The ways to read a part of a chunk. */
interface ReadPlan {
  /** Decoded and copied by the executor, by shape and codecs of the chunk. */
  readonly direct: Map<string, DirectJobs>
  /** Parts of chunks that are worth keeping decoded. */
  readonly cached: LocatedPart[]
  /** Few rows of chunks that are stored as they are. */
  readonly rows: LocatedPart[]
}

/** Takes a part whose object was replaced during the read. */
type OnReplaced = (part: Pick<ChunkPart, 'position'>) => void

/**
 * Reads a region: looks up its chunks, chooses the cheapest way to read each, and lets the executor do the work. Every chunk is read
 * as it was at one moment: those whose object was replaced meanwhile are looked up and read again.
 *
 * @throws ERR_CONFLICT if others replace an object faster than it can be read.
 */
export async function readChunks<D extends DType>(
  engine: ChunkedEngine<D>,
  region: Region,
  out: NdArray<D>,
  options: AccessOptions
): Promise<void> {
  const placement = placementOf(region, out)
  let isFirst = true
  for (const batch of batchesOf(chunkParts(region, engine.layout.chunks), plannedChunks)) {
    // A turn of the event loop, or an abort would not be heard where nothing waits for a store.
    if (!isFirst) await unlessAborted(new Promise((resolve) => setTimeout(resolve, 0)), options.signal)
    await readParts(engine, batch, placement, { ...options, isNew: isFirst && isWhollyNew(out, options) })
    isFirst = false
  }
}

async function readParts(
  engine: ChunkedEngine,
  parts: readonly ChunkPart[],
  placement: PartPlacement,
  options: AccessOptions
): Promise<void> {
  const { storage } = engine.layout
  let pending = parts
  await againIfReplaced(options.signal, async (attempt) => {
    const plan: ReadPlan = { direct: new Map(), cached: [], rows: [] }
    const replaced = new Set<readonly number[]>()
    const onReplaced = ({ position }: Pick<ChunkPart, 'position'>): void => {
      replaced.add(position)
    }
    await planParts(engine, pending, placement, plan, attempt, options, onReplaced)
    // What is read again, and all that comes behind the first of the direct reads, finds the output in use.
    await readDirectly(engine, plan, placement, { ...options, isNew: attempt === 0 && options.isNew }, onReplaced)
    await readThroughCache(engine, plan.cached, placement, options, onReplaced)
    await readRows(engine, plan.rows, placement, options, ({ part }) => onReplaced(part))
    const [position] = replaced
    if (position === undefined) return
    for (const unit of new Set(Array.from(replaced, (position) => storage.unitOf(position)))) storage.forget?.(unit)
    pending = pending.filter((part) => replaced.has(part.position))
    throw chunkError(conflict('its object'), { store: storage.store }, { location: { key: storage.unitOf(position) }, position })
  })
}

function placementOf(region: Region, out: NdArray): PartPlacement {
  const itemSize = itemSizeOf(out.dtype)
  const outputStrides = out.stride.map((stride) => stride * itemSize)
  return {
    output: bytesOf(out.data),
    outputStrides,
    destinationOffset: (part) =>
      part.regionStart.reduce((sum, at, axis) => sum + at * (outputStrides[axis] ?? 0), (out.offset ?? 0) * itemSize),
    sourceOffset: (part, chunk) => part.start.reduce((sum, at, axis) => sum + at * (chunk.strides[axis] ?? 0), 0),
    sourceStrides: (chunk) => chunk.strides.map((stride, axis) => stride * (region.step[axis] ?? 1))
  }
}

async function planParts(
  engine: ChunkedEngine,
  parts: readonly ChunkPart[],
  placement: PartPlacement,
  plan: ReadPlan,
  attempt: number,
  options: AccessOptions,
  onReplaced: OnReplaced
): Promise<void> {
  let last: DirectJobs | undefined
  await locateParts(engine, parts, options, onReplaced, (located) => {
    const { part, chunk, location } = located
    const way = location === undefined ? 'direct' : wayToRead(engine, located, attempt)
    if (way !== 'direct') {
      plan[way].push(located)
      return
    }
    const codecs = location?.codecs
    if (last === undefined || last.chunk !== chunk || last.codecs !== codecs) {
      const name = `${chunk.shape.join()}${codecs === undefined ? '' : JSON.stringify(codecs)}`
      last = plan.direct.get(name) ?? { chunk, codecs, jobs: [] }
      plan.direct.set(name, last)
    }
    last.jobs.push({
      location,
      position: part.position,
      shape: part.shape,
      sourceOffset: placement.sourceOffset(part, chunk),
      destinationOffset: placement.destinationOffset(part)
    })
  })
}

/** Looks up chunks. Those whose look-up needs no waiting are handed on at once. */
async function locateParts(
  engine: ChunkedEngine,
  parts: readonly ChunkPart[],
  options: AccessOptions,
  onReplaced: OnReplaced,
  use: (located: LocatedPart) => void
): Promise<void> {
  const { layout } = engine
  const access: ChunkAccessOptions = { signal: options.signal, pass: {} }
  await forEachConcurrently(parts, engine.concurrency, options.signal, (part) => {
    const chunk = chunkShapeAt(layout, part.position)
    const location = layout.storage.locate(part.position, access)
    if (!(location instanceof Promise)) {
      use({ part, chunk, location })
      return
    }
    return location.then(
      (location) => use({ part, chunk, location }),
      (error) => {
        if (isSourceError(error, 'ERR_CONFLICT')) {
          onReplaced(part)
          return
        }
        throw chunkError(
          error,
          { store: layout.storage.store, signal: options.signal },
          { location: { key: layout.storage.unitOf(part.position) }, position: part.position }
        )
      }
    )
  })
}

function wayToRead(engine: ChunkedEngine, { part, chunk, location }: LocatedPart, attempt: number): 'direct' | 'cached' | 'rows' {
  const { layout } = engine
  const wanted = sizeOf(part.shape)
  const raw = (location?.codecs ?? layout.codecs).length === 0 && location?.bytes === undefined
  const byRows = attempt < attemptsByRows || chunk.byteLength > maximalInsteadOfRows
  if (raw && byRows && wanted <= sizeOf(chunk.shape) * partialReadFraction) return 'rows'
  if (engine.cache === undefined || (raw && !layout.storage.store.remote)) return 'direct'
  const inside = chunk.shape.reduce(
    (size, length, axis) => size * Math.min(length, (layout.shape[axis] ?? 0) - (part.position[axis] ?? 0) * (layout.chunks[axis] ?? 1)),
    1
  )
  return wanted === inside ? 'direct' : 'cached'
}

async function readDirectly(
  engine: ChunkedEngine,
  plan: ReadPlan,
  placement: PartPlacement,
  options: AccessOptions,
  onReplaced: OnReplaced
): Promise<void> {
  const { layout, runtime } = engine
  let outputIsNew = options.isNew
  for (const { chunk, codecs, jobs } of plan.direct.values()) {
    await engine.executor.read({
      store: layout.storage.store,
      coding: engine.coding(chunk, codecs),
      coder: await engine.coder(chunk, codecs),
      runtime,
      copyStrided: runtime.copyStrided ?? copyStrided,
      jobs,
      sourceStrides: placement.sourceStrides(chunk),
      output: placement.output,
      outputStrides: placement.outputStrides,
      outputIsNew,
      fill: layout.fill,
      concurrency: engine.concurrency,
      onReplaced,
      signal: options.signal
    })
    outputIsNew = false
  }
}

async function readThroughCache(
  engine: ChunkedEngine,
  parts: readonly LocatedPart[],
  placement: PartPlacement,
  options: AccessOptions,
  onReplaced: OnReplaced
): Promise<void> {
  const { fill, dtype } = engine.layout
  await forEachConcurrently(parts, engine.concurrency, options.signal, async ({ part, chunk, location }) => {
    let decoded: Uint8Array | undefined
    try {
      decoded = await decodedChunk(engine, part.position, chunk, location, options)
    } catch (error) {
      if (!isSourceError(error, 'ERR_CONFLICT')) throw error
      onReplaced(part)
      return
    }
    copyStrided({
      shape: part.shape,
      itemSize: itemSizeOf(dtype),
      source: decoded ?? fill,
      sourceOffset: decoded === undefined ? 0 : placement.sourceOffset(part, chunk),
      sourceStrides: decoded === undefined ? part.shape.map(() => 0) : placement.sourceStrides(chunk),
      destination: placement.output,
      destinationOffset: placement.destinationOffset(part),
      destinationStrides: placement.outputStrides
    })
  })
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
  return engine.cache.fetch(engine.cacheKey(position), options.signal, load, await revisionOf(engine, location))
}

/** Another process may have replaced the object: what is remembered of it goes by this. */
function revisionOf(engine: ChunkedEngine, location: ChunkLocation | undefined): string | undefined | Promise<string | undefined> {
  if (location === undefined || location.bytes !== undefined) return location?.revision
  return location.revision ?? engine.layout.storage.store.revision?.(location.key)
}
