import { isSourceError, SourceError } from '@bioimage/core'
import type { ReadOptions } from '../container/block-reader.js'
import { type FileSet, isRefusal } from '../container/file-set.js'
import { corrupt, unsupported } from '../errors.js'
import type { Page } from '../page/page.js'
import { type Modulo, type OmeDocument, type OmeImage, parseOmeXml, type TiffData } from './ome-xml.js'
import { type PageList, pagesOf, subPage, subPageCount } from './page-list.js'
import { product, type Series, squeeze } from './series.js'

/** Where a plane is stored. */
interface PlanePlace {
  readonly key: string | undefined
  readonly ifd: number
}

/** Largest file of metadata that is read. */
export const largestCompanion: number = 256 << 20

/** The series of an OME-TIFF, each with the element that describes it, and the whole text. */
export interface OmeFile {
  readonly series: readonly Series[]
  readonly images: ReadonlyMap<Series, OmeImage>
  readonly text: string
}

/**
 * The series of an OME-TIFF, one per image; `undefined` where the metadata do not fit the pages. Planes may lie in other files
 * beside this one; those whose file does not exist read as zeros, those whose file may not be read are errors.
 */
export async function omeSeries(files: FileSet, text: string, options: ReadOptions): Promise<OmeFile | undefined> {
  let document = await parseOmeXml(text)
  let whole = text
  if (document.metadataFile !== undefined && document.images.length === 0) {
    const companion = await metadataText(files, document.metadataFile, options)
    if (companion === undefined) return undefined
    document = { ...(await parseOmeXml(companion)), uuid: document.uuid }
    whole = companion
  }
  const listOf: ListFinder = async (key, access) => {
    if (key === undefined) throw unsupported('the OME-XML places the plane in another file, and does not say its name')
    const file = await files.open(key, access)
    return file === undefined ? undefined : pagesOf(file)
  }
  const keyOf = await keyFinder(document, files, options)
  const images = new Map<Series, OmeImage>()
  for (const image of document.images) {
    const found = await imageSeries(image, document, keyOf, listOf, options)
    if (found !== undefined) images.set(found, image)
  }
  return images.size === 0 ? undefined : { series: [...images.keys()], images, text: whole }
}

/** `undefined` for a file that has no name. */
type KeyFinder = (data: TiffData) => string | undefined
type ListFinder = (key: string | undefined, options: ReadOptions) => Promise<PageList | undefined>

async function metadataText(files: FileSet, name: string, options: ReadOptions): Promise<string | undefined> {
  try {
    return await files.text(name, largestCompanion, options)
  } catch (error) {
    if (!isRefusal(error) || !isSourceError(error)) throw error
    const message = `the shape is in the file ${JSON.stringify(name)}, which cannot be read; \`seriesKind: 'plain'\` gives the pages of this one`
    throw new SourceError(error.code, message, { kind: 'tif', cause: error })
  }
}

/** Finds the file of a UUID: this one by its own UUID or name, others by their names. */
async function keyFinder(document: OmeDocument, files: FileSet, options: ReadOptions): Promise<KeyFinder> {
  const places = document.images.flatMap(({ tiffData }) => tiffData)
  let own = document.uuid
  if (own === undefined) own = places.find(({ fileName }) => fileName !== undefined && fileName.toLowerCase() === files.name)?.uuid
  const known = own
  const find: KeyFinder = ({ uuid, fileName }) => {
    if (uuid === undefined || uuid === known || fileName?.toLowerCase() === files.name) return ''
    // Without a name, another file than this one cannot be found. What has no UUID itself is all that there is.
    return fileName ?? (known === undefined ? '' : undefined)
  }
  const named = new Set(places.map(find))
  const [only, ...others] = named
  if (only !== undefined && only !== '' && others.length === 0 && (await isOwnName(only, known, files, options))) return () => ''
  return find
}

/** A file that was renamed is alone with a name that does not exist: its own pages are meant. */
async function isOwnName(name: string, own: string | undefined, files: FileSet, options: ReadOptions): Promise<boolean> {
  try {
    return (await files.open(name, options)) === undefined
  } catch (error) {
    if (!isRefusal(error)) throw error
    // Whether the name exists is not known; with a UUID of its own it would have told.
    return own === undefined
  }
}

async function imageSeries(
  image: OmeImage,
  document: OmeDocument,
  keyOf: KeyFinder,
  listOf: ListFinder,
  options: ReadOptions
): Promise<Series | undefined> {
  let axes = [...image.dimensionOrder].reverse().join('')
  if (!/^[TCZ]{3}YX$/.test(axes) || new Set(axes).size !== 5) throw corrupt(`the OME-XML has the dimension order ${image.dimensionOrder}`)
  const samples = image.channels[0]?.samplesPerPixel ?? 1
  if (image.channels.some((channel) => channel.samplesPerPixel !== samples)) return undefined
  let shape = [...axes].map((axis) => (axis === 'C' ? Math.floor((image.sizes.C ?? 1) / Math.max(samples, 1)) : (image.sizes[axis] ?? 1)))
  const planes = product(shape.slice(0, -2))
  if (!Number.isSafeInteger(planes) || planes < 1) return undefined
  const places = planePlaces(image, axes.slice(0, -2), shape.slice(0, -2), planes, keyOf)
  const pageOf = async (plane: number, access: ReadOptions, lists: ListFinder): Promise<Page | undefined> => {
    const place = await places(plane, access, lists)
    return place === undefined ? undefined : (await lists(place.key, access))?.page(place.ifd, access)
  }
  const page = (plane: number, access: ReadOptions): Promise<Page | undefined> => pageOf(plane, access, listOf)
  const first = await firstPage(planes, pageOf, listOf, options)
  if (first === undefined) return undefined
  if (samples > 1) {
    if (first.planar) {
      shape = [...shape.slice(0, -2), samples, ...shape.slice(-2)]
      axes = `${axes.slice(0, -2)}S${axes.slice(-2)}`
    } else {
      shape.push(samples)
      axes += 'S'
    }
  }
  // The last axes must be those of a page.
  const inner = squeeze(first.shape, first.axes)
  const squeezed = squeeze(shape, axes)
  const tail = squeezed.shape.slice(squeezed.shape.length - inner.shape.length)
  if (tail.length !== inner.shape.length || tail.some((length, axis) => length !== inner.shape[axis])) return undefined
  const modulos = image.annotations.flatMap((id) => document.modulos.get(id) ?? [])
  const form = squeezeModulo(shape, axes, modulos)
  const leading = form.shape.length - inner.shape.length
  const base: Series = {
    kind: 'ome',
    name: image.name,
    ...form,
    dtype: first.dtype,
    first,
    leading,
    planes,
    page,
    contiguous: false,
    levels: []
  }
  return { ...base, levels: await levelsOf(base, options) }
}

/** Splits the axes that Modulo annotations say, then drops those of length 1. */
function squeezeModulo(
  shape: readonly number[],
  axes: string,
  modulos: readonly Modulo[]
): { readonly shape: readonly number[]; readonly axes: string } {
  const lengths = [...shape]
  let letters = axes
  for (const { axis, type, count } of modulos) {
    const at = letters.indexOf(axis)
    const length = lengths[at]
    const letter = moduloLetters.get(type) ?? 'Q'
    if (at < 0 || length === undefined || count < 1 || length % count !== 0) continue
    if (length === count) letters = letters.replace(axis, letter)
    else {
      lengths[at] = length / count
      lengths.splice(at + 1, 0, count)
      letters = letters.replace(axis, axis + letter)
    }
  }
  return squeeze(lengths, letters)
}

const moduloLetters: ReadonlyMap<string, string> = new Map([
  ['angle', 'A'],
  ['phase', 'P'],
  ['tile', 'R'],
  ['lifetime', 'H'],
  ['lambda', 'E']
])

/** The first plane that can be read: the files of others may be refused, which matters when their planes are read. */
async function firstPage(
  planes: number,
  page: (plane: number, options: ReadOptions, listOf: ListFinder) => Promise<Page | undefined>,
  listOf: ListFinder,
  options: ReadOptions
): Promise<Page | undefined> {
  const refusals = new Map<string | undefined, unknown>()
  const readable: ListFinder = async (key, access) => {
    if (refusals.has(key)) return undefined
    try {
      return await listOf(key, access)
    } catch (error) {
      if (!isRefusal(error)) throw error
      refusals.set(key, error)
      return undefined
    }
  }
  // An image without any data would else be searched through whole.
  for (let plane = 0; plane < Math.min(planes, 10_000); plane++) {
    const found = await page(plane, options, readable)
    if (found !== undefined) return found
  }
  for (const error of refusals.values()) throw error
  return undefined
}

type PlaceFinder = (plane: number, options: ReadOptions, listOf: ListFinder) => Promise<PlanePlace | undefined>

/** Planes in a row whose pages are in a row. */
interface PlaneRun {
  readonly start: number
  readonly end: number
  readonly key: string | undefined
  readonly ifd: number
  /** Number of the element that says so. */
  readonly element: number
}

/**
 * Planes by the elements TiffData; later ones go before earlier ones. Memory goes by the number of elements: the planes that they
 * announce may be any number.
 */
function planePlaces(image: OmeImage, axes: string, shape: readonly number[], planes: number, keyOf: KeyFinder): PlaceFinder {
  const single = new Map<number, PlaneRun>()
  const runs: PlaneRun[] = []
  const open: { readonly start: number; readonly key: string | undefined; readonly ifd: number }[] = []
  for (const [element, data] of image.tiffData.entries()) {
    const index = [...axes].map((axis) => data.first[axis] ?? 0)
    // Cropping by ImageJ leaves places outside the image.
    if (index.some((at, axis) => at >= (shape[axis] ?? 1))) continue
    const start = index.reduce((sum, at, axis) => sum * (shape[axis] ?? 1) + at, 0)
    const key = keyOf(data)
    if (data.planes === undefined) open.push({ start, key, ifd: data.ifd })
    else {
      const run = { start, end: Math.min(start + data.planes, planes), key, ifd: data.ifd, element }
      if (run.end - start === 1) single.set(start, run)
      else runs.push(run)
    }
  }
  const runOf = (plane: number): PlaneRun | undefined => {
    const alone = single.get(plane)
    const among = runs.findLast(({ start, end }) => start <= plane && plane < end)
    return alone === undefined || (among !== undefined && among.element > alone.element) ? among : alone
  }
  return async (plane, options, listOf) => {
    const run = runOf(plane)
    if (run !== undefined) return { key: run.key, ifd: run.ifd + plane - run.start }
    for (const { start, key, ifd } of open.toReversed()) {
      if (plane < start) continue
      const at = ifd + plane - start
      if ((await (await listOf(key, options))?.page(at, options)) !== undefined) return { key, ifd: at }
    }
    return undefined
  }
}

/** Coarser levels: the pages that every plane points to. */
async function levelsOf(series: Series, options: ReadOptions): Promise<readonly Series[]> {
  const levels: Series[] = []
  for (let level = 0; level < subPageCount(series.first); level++) {
    const first = await subPage(series.first, level, options)
    if (first === undefined) break
    const shape = [...series.axes].map((axis, at) => (axis === 'X' ? first.width : axis === 'Y' ? first.length : (series.shape[at] ?? 1)))
    levels.push({
      ...series,
      name: `Level ${level + 1}`,
      shape,
      dtype: first.dtype,
      first,
      page: async (plane, access) => {
        const page = await series.page(plane, access)
        return page === undefined ? undefined : subPage(page, level, access)
      },
      levels: []
    })
  }
  return levels
}
