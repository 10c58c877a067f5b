import type { ReadOptions } from '../container/block-reader.js'
import { corrupt } from '../errors.js'
import type { Page } from '../page/page.js'
import type { PageList } from './page-list.js'
import { product, type Series, withPageAxes } from './series.js'

const headers = { indexMapOffset: 54773648, indexMap: 3453623, summary: 2355492 }
const maximalSummary = 64 << 20

/** Place of a plane: channel, slice, frame, position, and the offset of its directory. */
type IndexEntry = readonly [number, number, number, number, number]

interface StackIndex {
  readonly summary: Readonly<Record<string, unknown>>
  readonly entries: readonly IndexEntry[]
}

/**
 * The one series of a stack of Micro-Manager, by its index map: positions may interleave, so that other readings of the same file
 * give wrong pixels. `undefined` for any other file.
 */
export async function micromanagerSeries(pages: PageList, options: ReadOptions): Promise<readonly Series[] | undefined> {
  const index = await readIndex(pages, options)
  if (index === undefined) return undefined
  const first = await pages.page(0, options)
  if (first === undefined) return undefined
  const { summary, entries } = index
  const axes = `${summary.TimeFirst === false ? 'RT' : 'TR'}${summary.SlicesFirst === false ? 'CZ' : 'ZC'}`
  const columns: Readonly<Record<string, number>> = { C: 0, Z: 1, T: 2, R: 3 }
  const names: Readonly<Record<string, string>> = { C: 'Channels', Z: 'Slices', T: 'Frames', R: 'Positions' }
  const valuesOf = (axis: string): number[] => entries.map((entry) => entry[columns[axis] ?? 0] ?? 0)
  let origin = [...axes].map(() => 0)
  let shape = [...axes].map((axis) =>
    Math.max(
      valuesOf(axis).reduce((most, value) => Math.max(most, value + 1), 1),
      integerOf(summary[names[axis] ?? ''])
    )
  )
  if (product(shape) > entries.length) {
    // The other files of the set are not opened: what this one holds is shown.
    origin = [...axes].map((axis) => valuesOf(axis).reduce((least, value) => Math.min(least, value), Number.MAX_SAFE_INTEGER))
    shape = [...axes].map((axis, at) => valuesOf(axis).reduce((most, value) => Math.max(most, value - (origin[at] ?? 0) + 1), 1))
  }
  const planes = product(shape)
  if (planes > 2 ** 31) throw corrupt(`the index map of the stack announces ${planes} planes`)
  const offsets = new Map<number, number>()
  for (const entry of entries) {
    const plane = [...axes].reduce((sum, axis, at) => sum * (shape[at] ?? 1) + ((entry[columns[axis] ?? 0] ?? 0) - (origin[at] ?? 0)), 0)
    offsets.set(plane, entry[4])
  }
  const form = withPageAxes(shape, axes, first)
  return [
    {
      kind: 'micromanager',
      name: typeof summary.Prefix === 'string' ? summary.Prefix : '',
      ...form,
      dtype: first.dtype,
      first,
      planes,
      page: async (plane, access) => planePage(pages, offsets.get(plane), access),
      contiguous: false,
      levels: []
    }
  ]
}

async function planePage(pages: PageList, offset: number | undefined, options: ReadOptions): Promise<Page | undefined> {
  // Planes that were not taken yet have no entry. One that lies behind the end is lost, which is no plane of zeros.
  return offset === undefined || offset === 0 ? undefined : pages.at(offset, options)
}

function integerOf(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 1
}

async function readIndex({ file }: PageList, options: ReadOptions): Promise<StackIndex | undefined> {
  if (file.size < 40 || file.format.big) return undefined
  const { littleEndian } = file.format
  const word = async (offset: number): Promise<number> => {
    const bytes = await file.read(offset, 4, options)
    return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, littleEndian)
  }
  if ((await word(8)) !== headers.indexMapOffset || (await word(32)) !== headers.summary) return undefined
  const summaryLength = await word(36)
  const mapOffset = await word(12)
  if (summaryLength > maximalSummary || mapOffset + 8 > file.size || (await word(mapOffset)) !== headers.indexMap) return undefined
  const summary = parseSummary(await file.read(40, summaryLength, options))
  if (summary === undefined || !('MicroManagerVersion' in summary) || !('Frames' in summary)) return undefined
  const count = await word(mapOffset + 4)
  const bytes = await file.read(mapOffset + 8, count * 20, options)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const at = (entry: number, column: number): number => view.getUint32(entry * 20 + column * 4, littleEndian)
  const entries = Array.from(
    { length: count },
    (_, entry): IndexEntry => [at(entry, 0), at(entry, 1), at(entry, 2), at(entry, 3), at(entry, 4)]
  )
  return entries.length === 0 ? undefined : { summary, entries }
}

function parseSummary(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes).replace(/\0+$/, ''))
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}
