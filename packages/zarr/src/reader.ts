import {
  type ArrayInfo,
  type Context,
  isSourceError,
  joinKey,
  type ListRequest,
  type Location,
  type OpenRequest,
  type Reader,
  SourceError,
  type Store,
  specOf
} from '@bioimage/core'
import { ancestorsOf, arrayNotChosen, arrayNotFound, containerAbove, forgetChunks, keepsDigits, nameArrays } from '@bioimage/core/backend'
import type { ArrayMetadata } from './array-metadata.js'
import { arraySource, identityOf } from './array-source.js'
import { keepConsolidated } from './consolidate.js'
import { createArray } from './create.js'
import type { ZarrSource, ZarrSpec } from './driver.js'
import { describeArray, findArrays } from './hierarchy.js'
import { type GroupAttributes, metadataOf } from './ngff.js'
import { type NodeOptions, readNode } from './node-files.js'
import { locateZarrita } from './zarrita.js'

/** Groups above an array in which OME-NGFF describes its image. */
const groupsOfImage = 2

/** Attributes of which digits would be lost have no place. */
export const attributes: Reader['attributes'] = (_, value) => keepsDigits(value)

export const open: Reader<ZarrSource>['open'] = async (request) => {
  const { store } = request.location
  const path = request.internalPath ?? ''
  const options = nodeOptions(request)
  const [node, place] = await Promise.all([readNode(store, path, options), placeOf(request, path)])
  if (node === undefined) throw await absent(request, path)
  if (node.type === 'group') throw await notChosen(store, path, options)
  await checkSeparator(store, path, node.array, request.signal)
  return sourceOf({ ...request, location: place.location }, place.path, node.array, place.groups)
}

export const create: NonNullable<Reader<ZarrSource>['create']> = async (request) => {
  const path = request.internalPath ?? ''
  const array = await createArray(request, path)
  forgetChunks(identityOf(request.location.store, path), request.context)
  const { writeEmptyChunks, dimensionSeparator } = request.params
  const params = {
    ...(writeEmptyChunks !== undefined && { writeEmptyChunks }),
    ...(array.zarrFormat === 2 && array.assumedSeparator && dimensionSeparator !== undefined && { dimensionSeparator })
  }
  return sourceOf({ ...request, params, mode: 'r+' }, path, array, [])
}

export const containerOptions: readonly string[] = ['consolidated']

export const adopt: NonNullable<Reader<ZarrSource>['adopt']> = async ({ location, internalPath = '', params, context, signal }, move) => {
  const { store } = location
  const groups = ancestorsOf(internalPath)
  await keepConsolidated(store, { groups, wanted: [], signal }, move)
  forgetChunks(identityOf(store, internalPath), context)
  if (params.consolidated !== true) return
  // Only now is there a root for sure, which tells the version.
  const root = await readNode(store, '', { signal })
  if (root?.type === 'group')
    await keepConsolidated(store, { groups, wanted: [{ group: '', zarrFormat: root.zarrFormat }], signal }, async () => {})
}

export const list: NonNullable<Reader<ZarrSource>['list']> = async (request: ListRequest): Promise<readonly ArrayInfo[]> => {
  const { store } = request.location
  const found = await findArrays(store, request.internalPath ?? '', nodeOptions(request))
  if (found.length === 0 && (await readNode(store, request.internalPath ?? '', nodeOptions(request))) === undefined)
    throw await absent(request, request.internalPath ?? '')
  return Promise.all(
    found.map(async (array) => {
      const place = array.groups.length < groupsOfImage ? await placeOf(request, array.path) : array
      return describeArray(store, array, place, request)
    })
  )
}

export const wrap: NonNullable<Reader<ZarrSource>['wrap']> = async (handle, context) => {
  const { location, path, kind } = await locateZarrita(handle, context)
  const mode = location.store.set === undefined ? 'r' : 'r+'
  const request = { location, internalPath: path, mode, params: {}, context, signal: undefined } as const
  if (kind === 'array') return open(request)
  const arrays = await findArrays(location.store, path, {})
  const [only, ...others] = arrays
  if (only === undefined || others.length > 0) throw await notChosen(location.store, path, {})
  return open({ ...request, internalPath: only.path })
}

interface SourceRequest {
  readonly location: Location
  readonly params: OpenRequest['params']
  readonly mode: OpenRequest['mode']
  readonly context: Context
}

function sourceOf(request: SourceRequest, path: string, array: ArrayMetadata, groups: readonly GroupAttributes[]): ZarrSource {
  const toSpec = specOf('zarr', request, path)
  return arraySource({
    store: request.location.store,
    path,
    array,
    metadata: metadataOf(array, path, groups),
    writable: request.mode !== 'r',
    writeEmptyChunks: request.params.writeEmptyChunks === true,
    context: request.context,
    toSpec: toSpec === undefined ? undefined : (): ZarrSpec => ({ ...toSpec(), kind: 'zarr', path: request.location.path ?? '' })
  })
}

/** An array in the container that it belongs to, with the groups above it there. */
interface Place {
  readonly location: Location
  readonly path: string
  readonly groups: readonly GroupAttributes[]
}

/** What describes an image lies up to two groups above: an array is the same, by whichever path it is opened. */
async function placeOf(request: Pick<OpenRequest, 'location' | 'context'> & NodeRequest, path: string): Promise<Place> {
  const { location } = request
  const above = ancestorsOf(path).length < groupsOfImage ? await containerAbove(location, 'zarr', request.context) : undefined
  const place = above === undefined ? { location, path } : { location: above.location, path: joinKey(above.internalPath, path) }
  return { ...place, groups: await groupsAbove(place.location.store, place.path, nodeOptions(request)) }
}

/** Attributes of the two nearest groups: where OME-NGFF describes the image that an array belongs to. */
async function groupsAbove(store: Store, path: string, options: NodeOptions): Promise<readonly GroupAttributes[]> {
  const groups = await Promise.all(
    ancestorsOf(path)
      .slice(0, groupsOfImage)
      .map(async (group): Promise<GroupAttributes | undefined> => {
        try {
          const node = await readNode(store, group, options)
          return node?.type === 'group' ? { path: group, attributes: node.attributes } : undefined
        } catch (error) {
          // A damaged group above is no reason not to read the array.
          if (isSourceError(error, 'ERR_CORRUPT_DATA') || isSourceError(error, 'ERR_UNSUPPORTED')) return undefined
          throw error
        }
      })
  )
  return groups.filter((group) => group !== undefined)
}

/** Writers exist that use "/" and do not say so: every chunk would be missed, and the array read as fill value. */
async function checkSeparator(store: Store, path: string, array: ArrayMetadata, signal: AbortSignal | undefined): Promise<void> {
  if (!array.assumedSeparator || array.shape.length < 2 || array.shape.includes(0)) return
  const first = array.shape.map(() => 0)
  if ((await store.size(joinKey(path, array.keyOf(first)), { signal })) !== undefined) return
  const other = first.join('/')
  if ((await store.size(joinKey(path, other), { signal })) === undefined) return
  throw new SourceError(
    'ERR_CORRUPT_DATA',
    `the chunks lie at keys such as "${other}", but .zarray does not name the separator "/"; open it with the option \`dimensionSeparator: '/'\``
  )
}

async function absent(request: Pick<OpenRequest, 'location'> & NodeRequest, path: string): Promise<SourceError> {
  const { store } = request.location
  const where = store.path ?? 'the store'
  // Local places alone have revisions, a folder too.
  if (store.path !== undefined && store.revision !== undefined && (await store.revision('')) === undefined)
    return new SourceError('ERR_NOT_FOUND', `${where} does not exist`, { kind: 'zarr', path: store.path })
  if (path !== '') return arrayNotFound('zarr', store, path, await nameArrays(() => findArrays(store, '', nodeOptions(request))))
  // A folder of arrays that is no group itself.
  const arrays = store.list === undefined ? [] : await findArrays(store, '', nodeOptions(request))
  if (arrays.length > 0) return notChosen(store, path, nodeOptions(request))
  const message = `${where} is no Zarr array or group: it has no zarr.json, .zarray or .zgroup`
  return new SourceError('ERR_NOT_FOUND', message, { kind: 'zarr', path: store.path })
}

async function notChosen(store: Store, path: string, options: NodeOptions): Promise<SourceError> {
  return arrayNotChosen('zarr', store, path, await nameArrays(() => findArrays(store, path, options)))
}

type NodeRequest = Pick<OpenRequest, 'params' | 'signal'>

function nodeOptions(request: NodeRequest): NodeOptions {
  const { dimensionSeparator } = request.params
  return { signal: request.signal, separator: dimensionSeparator === '.' || dimensionSeparator === '/' ? dimensionSeparator : undefined }
}
