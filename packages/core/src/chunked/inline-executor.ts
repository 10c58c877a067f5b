import { forEachConcurrently } from '../concurrency.js'
import { conflict, isAbort, isSourceError, SourceError, withDetails } from '../errors.js'
import { NewPages, reachOf } from '../new-pages.js'
import { ScratchLanes } from '../scratch-lanes.js'
import { fillStrided } from '../strided/copy-strided.js'
import type { ChunkCoding } from './codec.js'
import type { ChunkJob, ChunkReadTask, Executor } from './executor.js'
import { copyGathered, runsOf } from './gather-chunks.js'
import { groupJobs, type JobGroup, type RangedJob, type WholeJob } from './group-jobs.js'

const maximalScratch = 16 << 20

/**
 * Bytes that an encoded chunk may have: codecs of images and of labels may make small or noisy chunks longer than they are, but not
 * without end.
 */
function longestEncoded({ byteLength }: Pick<ChunkCoding, 'byteLength'>): number {
  return 4 * byteLength + (16 << 20)
}

/**
 * Works in the calling thread. Requests overlap with decoding, and decoders that run in threads of their own (zlib in Node)
 * do so here too.
 */
export const inlineExecutor: Executor = {
  async read(task) {
    const { whole, groups } = groupJobs(task)
    const lanes = task.concurrency
    const scratches = new ScratchLanes()
    const scratchFor = (lane: number, length: number): Uint8Array | undefined => {
      // What the metadata announce may be far more than is stored: large objects get memory of their true size. What comes
      // over the network has memory of its own.
      if (length > maximalScratch || task.store.remote) return undefined
      return scratches.take(lane, length)
    }
    // Room for chunks that do not compress, and one byte more, so that a store need not ask for an object's size.
    const wholeLength = task.coding.byteLength + (task.coding.byteLength >> 6) + 1024
    const readRun = (run: readonly WholeJob[], lane: number): void | Promise<void> => {
      const [first] = run
      if (run.length === 1 && first !== undefined) {
        // Without a promise: there may be millions that are not stored.
        return first.job.location === undefined
          ? place(placed, first.job, undefined)
          : readWhole(placed, first.job, scratchFor(lane, wholeLength))
      }
      return readWholeRun(placed, run, scratchFor(lane, wholeLength * run.length))
    }
    const runs = task.store.remote ? whole.map((job) => [{ job }]) : wholeRuns(task, whole)
    // As many requests at once as without runs.
    const longest = runs.reduce((longest, { length }) => Math.max(longest, length), 1)
    const pages = task.outputIsNew === true ? NewPages.of(task.output) : undefined
    const placed = pages === undefined ? task : { ...task, pages }
    try {
      await forEachConcurrently(runs, Math.ceil(lanes / longest), task.signal, readRun)
      await forEachConcurrently(groups, lanes, task.signal, (group, lane) => readGroup(placed, group, scratchFor(lane, group.length)))
    } finally {
      await pages?.stop()
    }
    scratches.release()
  }
}

/**
 * Fetches one encoded chunk; `undefined` if it is not stored.
 *
 * @throws ERR_CONFLICT if the object has another revision than the location.
 */
export async function fetchEncoded(
  task: Pick<ChunkReadTask, 'store' | 'signal'> & { readonly coding: Pick<ChunkCoding, 'byteLength'> },
  job: Pick<ChunkJob, 'location'>,
  scratch?: Uint8Array
): Promise<Uint8Array | undefined> {
  const { location } = job
  if (location === undefined) return undefined
  if (location.bytes !== undefined) return location.bytes
  const { key, offset, length, revision } = location
  const range = offset === undefined || length === undefined ? undefined : { offset, length }
  const get = { signal: task.signal, chunk: true, scratch, range, maxBytes: longestEncoded(task.coding) }
  let told: string | undefined
  const onRevision = (revision: string): void => {
    told = revision
  }
  const encoded = await task.store.get(key, revision === undefined ? get : { ...get, onRevision })
  if (isOther(encoded, told, revision)) throw conflict(key)
  if (range !== undefined && encoded?.byteLength !== range.length) {
    throw new SourceError(
      'ERR_CORRUPT_DATA',
      `${key} ends early: ${range.length} bytes expected at byte ${range.offset}, found ${encoded?.byteLength ?? 'no object'}`
    )
  }
  return encoded
}

/** Whether bytes, or that there are none, are not of the revision that is wanted. A store that does not tell is trusted. */
function isOther(bytes: Uint8Array | undefined, told: string | undefined, wanted: string | undefined): boolean {
  return wanted !== undefined && (bytes === undefined || (told !== undefined && told !== wanted))
}

/** Names the chunk in an error. */
export function chunkError(
  error: unknown,
  task: Pick<ChunkReadTask, 'store' | 'signal'>,
  job: Pick<ChunkJob, 'location' | 'position'>
): unknown {
  if (isAbort(error, task.signal)) return error
  const key = job.location?.key === undefined ? '' : `, ${job.location.key}`
  const located = withDetails(error, 'ERR_IO', { path: task.store.path })
  if (!(located instanceof SourceError) || located.message.startsWith('chunk (')) return located
  return new SourceError(located.code, `chunk (${job.position.join(', ')})${key}: ${located.message}`, {
    kind: located.kind,
    path: located.path,
    cause: error
  })
}

/** A task whose output is being made. */
interface PlacedTask extends ChunkReadTask {
  readonly pages?: NewPages
}

async function readWhole(task: PlacedTask, job: ChunkJob, scratch: Uint8Array | undefined): Promise<void> {
  let encoded: Uint8Array | undefined
  try {
    encoded = await fetchEncoded(task, job, scratch)
  } catch (error) {
    if (isSourceError(error, 'ERR_CONFLICT') && task.onReplaced !== undefined) task.onReplaced(job)
    else throw chunkError(error, task, job)
    return
  }
  try {
    await place(task, job, encoded)
  } catch (error) {
    throw chunkError(error, task, job)
  }
}

/** Stored chunks in runs that are gathered, and the others alone. */
function wholeRuns(task: ChunkReadTask, jobs: readonly ChunkJob[]): (readonly WholeJob[])[] {
  const stored: WholeJob[] = []
  const absent: WholeJob[][] = []
  for (const job of jobs) {
    if (job.location === undefined) absent.push([{ job }])
    else stored.push({ job })
  }
  return [...absent, ...runsOf(task, stored)]
}

/** Fetches the chunks of a run at once, and decodes them when all are there. */
async function readWholeRun(task: PlacedTask, run: readonly WholeJob[], scratch: Uint8Array | undefined): Promise<void> {
  const length = (scratch?.byteLength ?? 0) / run.length
  const fetched: (WholeJob & { readonly encoded: Uint8Array })[] = []
  await forEachConcurrently(run, run.length, task.signal, async ({ job }, at) => {
    try {
      const encoded = await fetchEncoded(task, job, scratch?.subarray(Math.floor(at * length), Math.floor((at + 1) * length)))
      if (encoded === undefined) await place(task, job, undefined)
      else fetched.push({ job, encoded })
    } catch (error) {
      if (!isSourceError(error, 'ERR_CONFLICT') || task.onReplaced === undefined) throw chunkError(error, task, job)
      task.onReplaced(job)
    }
  })
  // Some may be missing now.
  for (const present of runsOf(task, fetched)) await placeRun(task, present, ({ encoded }) => encoded)
}

/** Decodes the chunks of a run, gathered where there are several. */
async function placeRun<T extends WholeJob>(task: PlacedTask, run: readonly T[], encodedOf: (chunk: T) => Uint8Array): Promise<void> {
  const [first] = run
  if (run.length > 1) {
    const reaches = run.map(({ job }) => reachOfJob(job, task))
    await task.pages?.before(Math.min(...reaches.map(({ first }) => first)), Math.max(...reaches.map(({ end }) => end)))
    copyGathered(task, run, (chunk, decodeInto) => {
      try {
        decodeInto(encodedOf(chunk))
      } catch (error) {
        throw chunkError(error, task, chunk.job)
      }
    })
  } else if (first !== undefined) {
    try {
      await place(task, first.job, encodedOf(first))
    } catch (error) {
      throw chunkError(error, task, first.job)
    }
  }
}

async function readGroup(task: PlacedTask, group: JobGroup, scratch: Uint8Array | undefined): Promise<void> {
  const [first] = group.jobs
  let bytes: Uint8Array | undefined
  let told: string | undefined
  const get = { range: { offset: group.offset, length: group.length }, signal: task.signal, chunk: true, scratch }
  const onRevision = (revision: string): void => {
    told = revision
  }
  try {
    bytes = await task.store.get(group.key, first?.revision === undefined ? get : { ...get, onRevision })
  } catch (error) {
    if (first === undefined) throw error
    if (!isSourceError(error, 'ERR_CONFLICT') || task.onReplaced === undefined) throw chunkError(error, task, first.job)
    for (const { job } of group.jobs) task.onReplaced(job)
    return
  }
  const current: RangedJob[] = []
  for (const ranged of group.jobs) {
    if (!isOther(bytes, told, ranged.revision)) current.push(ranged)
    else if (task.onReplaced === undefined) throw chunkError(conflict(group.key), task, ranged.job)
    else task.onReplaced(ranged.job)
  }
  const encodedOf = ({ offset, length }: RangedJob): Uint8Array => {
    const start = offset - group.offset
    if (bytes !== undefined && start + length <= bytes.byteLength) return bytes.subarray(start, start + length)
    throw new SourceError('ERR_CORRUPT_DATA', `${group.key} ends before byte ${offset + length}, where its index says the chunk ends`)
  }
  // A few at a time: enough to keep the threads of an asynchronous decoder busy.
  await forEachConcurrently(runsOf(task, current), 4, task.signal, (run) => placeRun(task, run, encodedOf))
}

function place(task: PlacedTask, job: ChunkJob, encoded: Uint8Array | undefined): void | Promise<void> {
  if (task.pages === undefined) return placeNow(task, job, encoded)
  const { first, end } = reachOfJob(job, task)
  const making = task.pages.before(first, end)
  return making === undefined ? placeNow(task, job, encoded) : making.then(() => placeNow(task, job, encoded))
}

/** The bytes of the output that a box reaches over. */
function reachOfJob({ shape, destinationOffset }: ChunkJob, { outputStrides, coding }: ChunkReadTask): { first: number; end: number } {
  return reachOf(destinationOffset, shape, outputStrides, coding.itemSize)
}

function placeNow(task: ChunkReadTask, job: ChunkJob, encoded: Uint8Array | undefined): void | Promise<void> {
  if (encoded === undefined) {
    fillStrided(task.output, job.destinationOffset, task.outputStrides, job.shape, task.fill)
    return
  }
  return task.coder.decode(encoded, (decoded) => {
    checkDecoded(decoded, task.coding.byteLength)
    task.copyStrided({
      shape: job.shape,
      itemSize: task.coding.itemSize,
      source: decoded,
      sourceOffset: job.sourceOffset,
      sourceStrides: task.sourceStrides,
      destination: task.output,
      destinationOffset: job.destinationOffset,
      destinationStrides: task.outputStrides
    })
  })
}

/** A copy of a chunk that is too short would fill in zeros in silence. */
export function checkDecoded(decoded: Uint8Array, byteLength: number): void {
  if (decoded.byteLength === byteLength) return
  throw new SourceError('ERR_CORRUPT_DATA', `the chunk has ${decoded.byteLength} bytes when decoded, expected ${byteLength}`)
}
