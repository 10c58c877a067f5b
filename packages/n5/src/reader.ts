import {
  type ArrayInfo,
  type Context,
  joinKey,
  type Location,
  type OpenRequest,
  type Reader,
  SourceError,
  type SourceMetadata,
  specOf
} from '@bioimage/core'
import { arrayNotChosen, arrayNotFound, containerAbove, forgetChunks, keepsDigits, nameArrays } from '@bioimage/core/backend'
import { createDataSet } from './create.js'
import { checkVersion, type DataSet } from './data-set.js'
import { dataSetSource, identityOf } from './data-set-source.js'
import { Documents } from './documents.js'
import type { N5Source, N5Spec } from './driver.js'
import { describeDataSet, findDataSets, readNode } from './hierarchy.js'
import { describingGroups, groupsOfImage, metadataOf } from './multiscale.js'

/** Attributes of which digits would be lost have no place. */
export const attributes: Reader['attributes'] = (_, value) => keepsDigits(value)

export const open: Reader<N5Source>['open'] = async (request) => {
  const documents = new Documents(request.location.store, request.signal)
  const path = request.internalPath ?? ''
  // Every document at once: over a network one round trip counts more than one request.
  const [node, root] = await Promise.all([
    readNode(documents, path),
    documents.optional(''),
    ...describingGroups(path).map((group) => documents.optional(group))
  ])
  checkVersion(root)
  if (node === undefined) throw await absent(documents, path)
  if (node.type === 'group') throw arrayNotChosen('n5', documents.store, path, await nameArrays(() => findDataSets(documents, path)))
  const { dataSet } = node
  // What describes an image lies in the groups above: a data set is the same, by whichever path it is opened.
  const above = describingGroups(path).length < groupsOfImage ? await containerAbove(request.location, 'n5', request.context) : undefined
  const location = above?.location ?? request.location
  const whole = joinKey(above?.internalPath ?? '', path)
  const around = above === undefined ? documents : new Documents(location.store, request.signal)
  return sourceOf({ ...request, location }, whole, dataSet, await metadataOf(around, whole, dataSet.attributes, dataSet.shape.length))
}

export const create: NonNullable<Reader<N5Source>['create']> = async (request) => {
  const path = request.internalPath ?? ''
  const dataSet = await createDataSet(request, path)
  forgetChunks(identityOf(request.location.store, path), request.context)
  const { writeEmptyChunks } = request.params
  const params = { ...(writeEmptyChunks !== undefined && { writeEmptyChunks }) }
  const documents = new Documents(request.location.store, request.signal)
  const metadata = await metadataOf(documents, path, dataSet.attributes, dataSet.shape.length)
  return sourceOf({ ...request, params, mode: 'r+' }, path, dataSet, metadata)
}

export const list: NonNullable<Reader<N5Source>['list']> = async (request): Promise<readonly ArrayInfo[]> => {
  const documents = new Documents(request.location.store, request.signal)
  const path = request.internalPath ?? ''
  checkVersion(await documents.optional(''))
  const found = await findDataSets(documents, path)
  if (found.length === 0 && (await readNode(documents, path)) === undefined) throw await absent(documents, path)
  return Promise.all(found.map((dataSet) => describeDataSet(documents, dataSet, request.measure)))
}

interface SourceRequest {
  readonly location: Location
  readonly params: OpenRequest['params']
  readonly mode: OpenRequest['mode']
  readonly context: Context
}

function sourceOf(request: SourceRequest, path: string, dataSet: DataSet, metadata: SourceMetadata): N5Source {
  const toSpec = specOf('n5', request, path)
  return dataSetSource({
    store: request.location.store,
    path,
    dataSet,
    metadata,
    writable: request.mode !== 'r',
    writeEmptyChunks: request.params.writeEmptyChunks === true,
    context: request.context,
    toSpec: toSpec === undefined ? undefined : (): N5Spec => ({ ...toSpec(), kind: 'n5', path: request.location.path ?? '' })
  })
}

async function absent(documents: Documents, path: string): Promise<SourceError> {
  const { store } = documents
  if (path !== '') return arrayNotFound('n5', store, path, await nameArrays(() => findDataSets(documents, '')))
  const message = `${store.path ?? 'the store'} is no N5 container: it has no attributes.json and no folders`
  return new SourceError('ERR_NOT_FOUND', message, { kind: 'n5', path: store.path })
}
