import { existsSync } from 'node:fs'
import { globalRegistry, resolveLocation, SourceError } from '@bioimage/core'
import { checkReplaceable, type Destination, resolveDestination } from '../convert/destination.js'
import { finishedOutput } from '../convert/finished.js'
import { type ConvertOptions, checkContainerOptions, checkSameJob, containerOptionsOf, jobOf } from '../convert/job.js'
import { type JournalState, readJournal } from '../convert/journal.js'
import { lockConversion } from '../convert/lock.js'
import { type Conversion, type RunResult, runConversion, verifyOutput } from '../convert/run.js'
import { isPublished, publish, type Staging, stagingOf } from '../convert/staging.js'
import { openOptionsOf } from '../input.js'
import { openWithin } from '../memory.js'
import { aboutOutput } from '../output-error.js'
import type { Session } from '../session.js'
import { formatShape } from '../units.js'

/**
 * `bioimage convert IN OUT`: copies an array block by block. It is written in a folder beside the output, `OUT.partial`,
 * with a journal of the blocks that are done, and takes its place by a rename when it is whole.
 */
export async function convert(session: Session, [path = '', out = '']: readonly string[], options: ConvertOptions): Promise<void> {
  const started = performance.now()
  const destination = resolveDestination(out, options)
  checkContainerOptions(destination, await globalRegistry().reader(destination.driver), options)
  const staging = stagingOf(destination)
  const { source: input, memory } = await openWithin(path, openOptionsOf(session, options), options.memory)
  try {
    const lock = await aboutOutput(out, () => lockConversion(staging, destination, session.signal))
    try {
      await convertLocked({ session, input, destination, staging, memory, options }, started)
    } finally {
      await lock.release()
    }
  } finally {
    await input.close()
  }
}

async function convertLocked(conversion: Conversion, started: number): Promise<void> {
  const { session, input, destination, staging, options } = conversion
  const mayBeDone = options.resume === true && options.overwrite !== true && !existsSync(staging.folder) && existsSync(destination.target)
  const layout = mayBeDone ? await finishedOutput(conversion) : undefined
  if (layout !== undefined) {
    if (options.verify === true) await verifyOutput(conversion)
    report(conversion, { ...layout, blocks: 0, resumed: 0 }, 'is complete', started)
    return
  }
  const state = await inspect(destination, staging, options)
  if (state !== undefined) {
    const job = await jobOf(input, destination, options)
    checkSameJob(state.job, job, staging.folder)
    if (job.input.files === null) session.note('the input is not local: whether its voxels have changed since cannot be told')
  }
  const overwrite = options.overwrite === true
  const finished = state?.complete === true
  const result = finished ? undefined : await runConversion(conversion, state)
  if (finished && options.verify === true) await verifyOutput(conversion)
  await publish(staging, destination, { overwrite, adopt: (move) => adopt(session, destination, options, move) })
  const { size = 0 } = state?.blocks ?? {}
  report(conversion, result ?? { chunks: null, shards: null, blocks: size, resumed: size }, 'written', started)
}

function report(
  { session, input, destination, options }: Conversion,
  result: RunResult,
  outcome: 'written' | 'is complete',
  started: number
): void {
  const seconds = (performance.now() - started) / 1000
  session.printJson({
    input: input.toSpec(),
    output: { kind: destination.driver.kind, path: destination.root, internalPath: destination.key ?? null },
    shape: input.shape,
    dtype: options.dtype ?? input.dtype,
    chunks: result.chunks,
    shards: result.shards,
    blocks: result.blocks,
    resumedBlocks: result.resumed,
    verified: options.verify === true,
    seconds
  })
  const { root, key } = destination
  const place = `${root}${key === undefined ? '' : `, ${key}`}`
  const parts = [
    outcome === 'written' ? `wrote ${place}` : `${place} is complete`,
    `${options.dtype ?? input.dtype}  ${formatShape(input.shape)}`,
    result.chunks ? `chunks ${formatShape(result.chunks)}` : '',
    result.shards ? `shards ${formatShape(result.shards)}` : '',
    options.verify === true ? 'verified' : '',
    `${seconds.toFixed(1)} s`
  ]
  session.print(parts.filter((part) => part !== '').join('  '))
}

/**
 * Looks at what is at the destination, before anything is done.
 *
 * @returns what an earlier run left, if it is to be continued.
 * @throws ERR_ALREADY_EXISTS naming the choices.
 */
async function inspect(destination: Destination, staging: Staging, options: ConvertOptions): Promise<JournalState | undefined> {
  const { target } = destination
  const unfinished = existsSync(staging.folder)
  const state = unfinished && existsSync(staging.journal) ? await readJournal(staging.journal).catch(() => undefined) : undefined
  if (unfinished && options.resume !== true && options.overwrite !== true) {
    throw new SourceError(
      'ERR_ALREADY_EXISTS',
      `an unfinished conversion to ${target} is in ${staging.folder}; continue it with --resume, or discard it with --overwrite`,
      { path: staging.folder }
    )
  }
  const published = options.resume === true && state?.complete === true && isPublished(staging, destination)
  if (existsSync(target) && !published) await checkReplaceable(destination)
  if (existsSync(target) && options.overwrite !== true && !published)
    throw new SourceError('ERR_ALREADY_EXISTS', `${target} exists; replace it with --overwrite, or choose another name`, { path: target })
  return options.resume === true ? state : undefined
}

/** Puts the array in its place by `move`, with what the container says of its arrays kept up to date. */
async function adopt(
  session: Session,
  { driver, root, key }: Destination,
  options: ConvertOptions,
  move: () => Promise<void>
): Promise<void> {
  const reader = await globalRegistry().reader(driver)
  if (reader.adopt === undefined) return move()
  const { context } = session
  const location = await resolveLocation(root, context)
  // Without the signal: what is begun here is finished.
  await reader.adopt({ location, internalPath: key, params: containerOptionsOf(reader, options), context, signal: undefined }, move)
}
