import { extname } from 'node:path'
import { type Index, type NdArray, type Source, toNested, zeros } from '@bioimage/core'
import { itemSizeOf, normalizeIndex, sizeOf } from '@bioimage/core/backend'
import { blocksOf, planBlocks } from '../blocks.js'
import { UsageError } from '../failure.js'
import { type InputOptions, openOptionsOf, shownPath } from '../input.js'
import { openWithin } from '../memory.js'
import { readBlocks } from '../read-blocks.js'
import { createRegionFile, type RegionFile, type RegionFormat } from '../region-file.js'
import type { Session } from '../session.js'
import { type Statistics, StatisticsCollector } from '../statistics.js'
import { formatBytes, formatNumber, formatShape } from '../units.js'

export interface GetCommandOptions extends InputOptions {
  readonly roi?: Index | undefined
  readonly out?: string | undefined
  readonly memory: number
}

/** Regions of up to this many elements are printed. */
const printable = 256

/** `bioimage get PATH`: statistics of a region, its values if it is small, and a file of it. */
export async function get(session: Session, [path = '']: readonly string[], options: GetCommandOptions): Promise<void> {
  const format = options.out === undefined ? undefined : formatOf(options.out)
  const { signal } = session
  const { source, memory } = await openWithin(path, openOptionsOf(session, options), options.memory)
  try {
    const selection = normalizeIndex(options.roi, source.shape)
    const { region, shape } = selection
    const size = sizeOf(shape)
    const itemSize = itemSizeOf(source.dtype)
    // A chunk is decoded whole anyway: a block is never less than one.
    const blockShape = planBlocks({ region, itemSize, maxBytes: memory.blockBytes, unit: source.chunks, readChunks: source.chunks })
    const values = size <= printable ? zeros(shape, source.dtype) : undefined
    const file =
      options.out === undefined || format === undefined
        ? undefined
        : await createRegionFile(options.out, format, region.shape, shape, source.dtype)
    const statistics = new StatisticsCollector()
    await keepOrDiscard(file, () =>
      readBlocks(source, { region, blockShape, blocks: blocksOf(region, blockShape), memory, signal }, async (block, array) => {
        statistics.add(array)
        await file?.write(block, array)
      })
    )
    // A small region may still be several blocks; reading it again is simpler than putting them together.
    if (values !== undefined && size > 0) await source.get(options.roi ?? '...', { out: values, signal })
    report(session, shownPath(path), source, shape, statistics.result(), values, options.out)
  } finally {
    await source.close()
  }
}

async function keepOrDiscard(file: RegionFile | undefined, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    await file?.discard()
    throw error
  }
  await file?.finish()
}

function report(
  session: Session,
  path: string,
  source: Source,
  shape: readonly number[],
  statistics: Statistics,
  values: NdArray | undefined,
  out: string | undefined
): void {
  const { dtype } = source
  const nested = values === undefined ? undefined : toNested(values)
  session.printJson({ path, dtype, shape, statistics, ...(nested !== undefined && { values: nested }), ...(out !== undefined && { out }) })
  session.print(`${dtype}  ${formatShape(shape)}  ${formatBytes(sizeOf(shape) * itemSizeOf(dtype))}`)
  const { count, nans, min, max, mean, std } = statistics
  if (min !== null && max !== null && mean !== null && std !== null) {
    const of = dtype.startsWith('complex') ? ' (of the magnitudes)' : ''
    session.print(`min ${formatNumber(min)}  max ${formatNumber(max)}  mean ${formatNumber(mean)}  std ${formatNumber(std)}${of}`)
  }
  session.print(`count ${count}${nans > 0 ? `  NaN ${nans}` : ''}`)
  if (nested !== undefined && count > 0) session.print(formatValues(nested, ''))
  if (out !== undefined) session.print(`wrote ${out}`)
}

/** Nested lists as numpy prints them: the last axis on one line. */
function formatValues(value: unknown, indent: string): string {
  if (!Array.isArray(value)) return typeof value === 'number' || typeof value === 'bigint' ? formatNumber(value) : String(value)
  if (!value.some(Array.isArray)) return `[${value.map((item) => formatValues(item, '')).join(', ')}]`
  return `[${value.map((item) => formatValues(item, `${indent} `)).join(`,\n${indent} `)}]`
}

function formatOf(path: string): RegionFormat {
  const extension = extname(path).toLowerCase()
  if (extension === '.npy') return 'npy'
  if (extension === '.raw' || extension === '.bin') return 'raw'
  throw new UsageError(`--out ${JSON.stringify(path)}: the name ends in .npy, or in .raw for the bare elements`)
}
