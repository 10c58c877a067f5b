import { createSource, globalRegistry, isSourceError, openSource, type Source } from '@bioimage/core'
import { bootIdentity, itemSizeOf, sizeOf, wholeRegion } from '@bioimage/core/backend'
import { countBlocks } from '../blocks.js'
import type { MemoryPlan } from '../memory.js'
import { startProgress } from '../progress.js'
import type { BlockWork } from '../read-blocks.js'
import type { Session } from '../session.js'
import { checksumOf, compareArrays, type NumberedBlock, numberedBlocks, planCopy, readConverted } from './copy.js'
import type { Destination } from './destination.js'
import { type ConvertOptions, createOptionsOf, divideAttributes, jobOf } from './job.js'
import { Journal, type JournalState } from './journal.js'
import { copyGroups, createStaging, discardStaging, isPublished, type Staging } from './staging.js'

/** Everything that a conversion works with. */
export interface Conversion {
  readonly session: Session
  readonly input: Source
  readonly destination: Destination
  readonly staging: Staging
  readonly memory: MemoryPlan
  readonly options: ConvertOptions
}

/** What a conversion did. */
export interface RunResult {
  readonly blocks: number
  /** Blocks that an earlier run had written. */
  readonly resumed: number
  readonly chunks: readonly number[] | null
  readonly shards: readonly number[] | null
}

/** A conversion under way: the output opened for writing, and what is done of it. */
interface Run {
  readonly output: Source
  readonly journal: Journal
  readonly blockShape: readonly number[]
  /** Checksums of blocks that are written, by number. */
  readonly done: Map<number, number>
}

/**
 * Writes the whole output into the staging folder: from where an earlier run stopped, if `state` is one that can be
 * continued, else from the beginning.
 */
export async function runConversion(conversion: Conversion, state: JournalState | undefined): Promise<RunResult> {
  const { session, input, options } = conversion
  const run = (state && (await continueRun(conversion, state))) ?? (await beginRun(conversion))
  const { output, journal, blockShape, done } = run
  const resumed = done.size
  const bytesOf = ({ shape }: { readonly shape: readonly number[] }): number => sizeOf(shape) * itemSizeOf(output.dtype)
  const work = workOf(conversion, blockShape, remaining(numberedBlocks(input.shape, blockShape), done))
  let bytesDone = 0
  if (resumed > 0) for (const block of numberedBlocks(input.shape, blockShape)) if (done.has(block.number)) bytesDone += bytesOf(block)
  const progress = startProgress(session, 'copying', bytesOf(input), bytesDone)
  try {
    await readConverted(input, output.dtype, work, async (block, array) => {
      // Without the signal: a block that is begun is finished.
      await output.set(block.index, array)
      const crc = checksumOf(array)
      await journal.append({ kind: 'block', number: block.number, crc })
      done.set(block.number, crc)
      progress.advance(bytesOf(block))
    })
    await output.close()
    if (options.verify === true) await verifyOutput(conversion)
    await journal.append({ kind: 'complete' })
  } catch (error) {
    await output.close().catch(() => {})
    await journal.close()
    await reportLeftovers(conversion, done.size)
    throw error
  } finally {
    progress.stop()
    await journal.close()
  }
  return { blocks: countBlocks(wholeRegion(input.shape), blockShape), resumed, chunks: output.chunks, shards: output.shards }
}

async function beginRun(conversion: Conversion): Promise<Run> {
  const { session, input, destination, staging, memory, options } = conversion
  const reader = await globalRegistry().reader(destination.driver)
  const { kept, lost } = divideAttributes(input, reader)
  await discardStaging(staging)
  await createStaging(staging)
  let journal: Journal | undefined
  let output: Source | undefined
  try {
    journal = await Journal.create(staging.journal, await jobOf(input, destination, options))
    await appendSession(journal)
    await copyGroups(staging, destination)
    output = await createSource(staging.container, {
      ...createOptionsOf(input, destination, reader, options),
      attrs: kept,
      context: memory.context
    })
    if (lost.length > 0) session.note(`${destination.driver.kind} files have no place for the attributes ${lost.join(', ')}: left out`)
    const blockShape = planCopy(input, output, memory)
    await journal.append({ kind: 'blocks', shape: blockShape })
    session.signal.throwIfAborted()
    return { output, journal, blockShape, done: new Map() }
  } catch (error) {
    await output?.close().catch(() => {})
    await journal?.close()
    await discardStaging(staging)
    throw error
  }
}

/** Takes up an earlier run; `undefined` if it came to nothing, or the format cannot continue a file. */
async function continueRun(conversion: Conversion, state: JournalState): Promise<Run | undefined> {
  const { session, staging, input } = conversion
  const { blockShape } = state
  if (blockShape === undefined) return undefined
  const output = await openForWriting(conversion)
  if (output === undefined) {
    session.note(`${conversion.destination.driver.kind} files cannot be continued: starting from the beginning`)
    return undefined
  }
  const done = new Map(state.blocks)
  // After the machine itself went down, what was written may not have reached the disk.
  // One that only one process may write keeps parts of it in memory: how much reached the file cannot be told.
  const { exclusiveWriter = false } = conversion.destination.driver
  if (exclusiveWriter || state.boot === undefined || state.boot !== bootIdentity()) await dropDamaged(conversion, output, blockShape, done)
  const journal = await Journal.continue(staging.journal)
  await appendSession(journal)
  const count = countBlocks(wholeRegion(input.shape), blockShape)
  session.note(`continuing: ${done.size} of ${count} blocks were written before`)
  return { output, journal, blockShape, done }
}

async function dropDamaged(
  conversion: Conversion,
  output: Source,
  blockShape: readonly number[],
  done: Map<number, number>
): Promise<void> {
  const blocks = [...numberedBlocks(output.shape, blockShape)].filter(({ number }) => done.has(number))
  const progress = startProgress(conversion.session, 'checking what was written before', blocks.length)
  await readConverted(output, output.dtype, workOf(conversion, blockShape, blocks), async (block, array) => {
    if (checksumOf(array) !== done.get(block.number)) done.delete(block.number)
    progress.advance(1)
  }).finally(progress.stop)
}

/**
 * Compares every voxel of the output with the input, before it appears; or after, if the earlier run was cut short in between.
 *
 * @throws ERR_CORRUPT_DATA at the first difference.
 */
export async function verifyOutput(conversion: Conversion): Promise<void> {
  const { session, input, destination, staging, memory } = conversion
  const { driver, key } = destination
  const path = isPublished(staging, destination) ? destination.root : staging.container
  const written = await openSource(path, { format: driver.kind, internalPath: key, context: memory.context })
  try {
    const blockShape = planCopy(input, written, memory)
    const work = workOf(conversion, blockShape, numberedBlocks(input.shape, blockShape))
    const progress = startProgress(session, 'verifying', sizeOf(input.shape) * itemSizeOf(written.dtype))
    await compareArrays(input, written, work, progress.advance).finally(progress.stop)
  } finally {
    await written.close()
  }
}

async function openForWriting({ destination, staging, memory }: Conversion): Promise<Source | undefined> {
  const { driver, key } = destination
  try {
    return await openSource(staging.container, { format: driver.kind, internalPath: key, mode: 'r+', context: memory.context })
  } catch (error) {
    if (isSourceError(error, 'ERR_READ_ONLY') || isSourceError(error, 'ERR_NOT_FOUND')) return undefined
    throw error
  }
}

/** After a failure: removes what is of no use, else says that the work can go on. */
async function reportLeftovers(conversion: Conversion, done: number): Promise<void> {
  const { session, staging } = conversion
  const output = done === 0 ? undefined : await openForWriting(conversion).catch(() => undefined)
  if (output === undefined || !output.writable) await discardStaging(staging)
  else session.note(`what is done is kept in ${staging.folder}; the same command with --resume continues it`)
  await output?.close()
}

function workOf(
  { session, input, memory }: Conversion,
  blockShape: readonly number[],
  blocks: Iterable<NumberedBlock>
): BlockWork<NumberedBlock> {
  return { region: wholeRegion(input.shape), blockShape, blocks, memory, signal: session.signal }
}

async function appendSession(journal: Journal): Promise<void> {
  await journal.append({ kind: 'session', boot: bootIdentity() ?? null })
}

function* remaining<T extends { readonly number: number }>(blocks: Iterable<T>, done: ReadonlyMap<number, number>): Generator<T> {
  for (const block of blocks) if (!done.has(block.number)) yield block
}
