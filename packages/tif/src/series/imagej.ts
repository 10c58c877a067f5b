import type { ReadOptions } from '../container/block-reader.js'
import { contiguousOffset, isClearOf } from '../layout/contiguous-page.js'
import type { PageList } from './page-list.js'
import { type Series, withPageAxes } from './series.js'

/** What ImageJ writes into the description of the first page: lines of `key=value`. */
export type ImagejDescription = Readonly<Record<string, string>>

/** Parses such a description; `undefined` if it is none. */
export function parseImagej(description: string): ImagejDescription | undefined {
  if (!/^(ImageJ|SCIFIO)=/.test(description)) return undefined
  const values: Record<string, string> = {}
  for (const line of description.split(/\r?\n/)) {
    const [, key, value] = /^([^=]+)=(.*)$/.exec(line) ?? []
    if (key !== undefined && value !== undefined) values[key.trim()] = value.trim()
  }
  return values
}

/** Axes of the planes, slowest first, by the field `order`. */
const orders: ReadonlyMap<string, string> = new Map([
  ['czt', 'TZC'],
  ['default', 'TZC'],
  ['ctz', 'ZTC'],
  ['zct', 'TCZ'],
  ['ztc', 'CTZ'],
  ['tcz', 'ZCT'],
  ['tzc', 'CZT']
])

/** The one series of a hyperstack; `undefined` where the description does not fit the file, which is then read as plain pages. */
export async function imagejSeries(
  pages: PageList,
  description: ImagejDescription,
  options: ReadOptions
): Promise<readonly Series[] | undefined> {
  const first = await pages.page(0, options)
  if (first === undefined) return undefined
  const count = (key: string): number => {
    const value = description[key]
    return value === undefined ? 1 : Number(value)
  }
  const frames = count('frames')
  const slices = count('slices')
  let channels = count('channels')
  if (![frames, slices, channels, count('images')].every((value) => Number.isSafeInteger(value) && value >= 1)) return undefined
  // Samples that were declared as channels.
  const samplesAreChannels = first.samples > 1 && first.samples === channels
  if (samplesAreChannels && (first.planar || count('images') === frames * slices)) channels = 1
  let planes = frames * slices * channels
  if (!Number.isSafeInteger(planes * first.byteLength)) return undefined
  let unnamed = 1
  const isAlone = first.ifd.next === 0
  if (planes === 1 && !isAlone) {
    planes = await pages.count(options)
    unnamed = planes
  }
  const start = await contiguousOffset(first, options)
  const bytes = planes * first.byteLength
  if (start !== undefined && start + bytes > first.file.size) return undefined
  // A hyperstack beyond 4 GiB has one directory that can be trusted; what follows its data is the rest of the planes.
  const contiguous = start !== undefined && (planes === 1 || isClearOf(first.ifd, start, start + bytes))
  if (!contiguous && (await pages.count(options)) !== planes) return undefined
  const order = orders.get(description.order?.toLowerCase() ?? 'czt') ?? 'TZC'
  const sizes: Readonly<Record<string, number>> = { T: frames, Z: slices, C: channels }
  const shape = [...order].map((axis) => sizes[axis] ?? 1)
  // Bio-Formats declares planes of samples as channels.
  const form = withPageAxes([unnamed, ...shape], `I${order}`, first, first.planar ? first.axes.replace('S', 'C') : first.axes)
  return [
    {
      kind: 'imagej',
      name: '',
      ...form,
      dtype: first.dtype,
      first,
      planes,
      page: async (plane, access) => pages.page(plane, access),
      contiguous,
      levels: []
    }
  ]
}
