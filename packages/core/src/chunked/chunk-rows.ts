import type { AccessOptions } from '../define-source.js'
import { itemSizeOf } from '../dtype.js'
import { isAbort, SourceError } from '../errors.js'
import { RevisionWatch } from '../stores/revision-watch.js'
import { readStrided, type StridedRead } from '../strided/read-strided.js'
import type { ChunkedEngine } from './chunked-engine.js'
import { swapSizeOf } from './chunked-layout.js'
import { chunkError } from './inline-executor.js'
import type { LocatedPart, PartPlacement } from './read-chunks.js'

/**
 * Reads few rows of chunks that are stored as they are. Those of one chunk may come by several requests: if they are not all of one
 * revision, the chunk is handed to `onReplaced`, and what is filled in of it is worth nothing.
 */
export async function readRows(
  engine: ChunkedEngine,
  parts: readonly LocatedPart[],
  placement: PartPlacement,
  options: AccessOptions,
  onReplaced: (located: LocatedPart) => void
): Promise<void> {
  const watched = parts.map((located) => {
    const { location } = located
    return { located, revision: new RevisionWatch(location?.bytes === undefined ? location?.revision : undefined) }
  })
  const reads = watched.map(({ located, revision }) => rowsOf(engine, located, placement, options, revision))
  try {
    await readStrided(reads, { concurrency: engine.concurrency, signal: options.signal })
  } catch (error) {
    if (isAbort(error, options.signal) || !watched.some(({ revision }) => revision.changed)) throw error
    // A mixture can look damaged, and the error has kept others from being read.
    for (const { located } of watched) onReplaced(located)
    return
  }
  for (const { located, revision } of watched) if (revision.changed) onReplaced(located)
}

function rowsOf(
  engine: ChunkedEngine,
  { part, chunk, location }: LocatedPart,
  placement: PartPlacement,
  options: AccessOptions,
  revision: RevisionWatch
): StridedRead {
  const { layout } = engine
  const { store } = layout.storage
  if (location === undefined || location.bytes !== undefined) throw new TypeError('rows are read of objects')
  const describe = (error: unknown): unknown => chunkError(error, { store, signal: options.signal }, { location, position: part.position })
  if (location.length !== undefined && location.length !== chunk.byteLength) {
    const found = `an uncompressed chunk of ${chunk.byteLength} bytes is stored in ${location.length}`
    throw describe(new SourceError('ERR_CORRUPT_DATA', found))
  }
  return {
    store,
    key: location.key,
    shape: part.shape,
    itemSize: itemSizeOf(layout.dtype),
    swapSize: swapSizeOf(layout),
    sourceOffset: (location.offset ?? 0) + placement.sourceOffset(part, chunk),
    sourceStrides: placement.sourceStrides(chunk),
    destination: placement.output,
    destinationOffset: placement.destinationOffset(part),
    destinationStrides: placement.outputStrides,
    objectSize: location.offset === undefined ? chunk.byteLength : undefined,
    fill: layout.fill,
    onRevision: (told) => revision.see(told),
    describe
  }
}
