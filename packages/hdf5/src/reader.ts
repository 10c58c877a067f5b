import { type ArrayInfo, defineSource, isSourceError, type Reader, SourceError, sizeOf, specOf } from '@bioimage/core'
import { attributesAsJson } from './attribute-values.js'
import { findDataset, findObject, type ListedDataset, listDatasets, openFile } from './container.js'
import { numericTypeOf } from './data-type.js'
import { asNumeric, type NumericDataset, parseDataset } from './dataset.js'
import type { Hdf5Source } from './driver.js'
import { externalData } from './external-data.js'
import { nameOfFilter } from './filters.js'
import { datasetAccess } from './layout.js'
import { readAttributes } from './messages/attributes.js'
import { nameOfDatatype } from './messages/datatype.js'
import type { Hdf5File, ReadOptions } from './structure/hdf5-file.js'

export const open: Reader<Hdf5Source>['open'] = async (request) => {
  const { location, context, signal } = request
  const path = request.internalPath ?? ''
  const container = await openFile(request)
  const { file, header } = await findDataset(container, path, request)
  const options = { signal }
  const dataset = asNumeric(await parseDataset(file, header, options), JSON.stringify(path))
  const external =
    dataset.externalFiles === undefined
      ? undefined
      : await externalData(
          file,
          dataset.externalFiles,
          sizeOf(dataset.space.shape) * dataset.type.size,
          { path: location.path, context, anywhere: request.params.followOutside === true },
          options
        )
  const attrs = await attributesAsJson(file, await readAttributes(file, header, options), options)
  return defineSource(
    {
      kind: 'hdf5',
      shape: dataset.space.shape,
      dtype: dataset.numeric.dtype,
      chunks: chunksOf(dataset),
      attrs,
      access: datasetAccess(file, dataset, { context, external, identity: `${file.store.identity}\n${path}` }),
      toSpec: specOf('hdf5', request, path)
    },
    { kind: 'hdf5' as const }
  )
}

export const list: NonNullable<Reader<Hdf5Source>['list']> = async (request) => {
  const path = request.internalPath ?? ''
  const file = await openFile(request)
  const options = { signal: request.signal }
  const root = await findObject(file, path, request)
  if (root === undefined) {
    throw new SourceError('ERR_NOT_FOUND', `${request.location.path ?? 'the file'} has no ${JSON.stringify(path)}`, {
      kind: 'hdf5',
      path: request.location.path
    })
  }
  const arrays: ArrayInfo[] = []
  for await (const found of listDatasets(root.file, root, path, options)) arrays.push(await describe(root.file, found, options))
  return arrays.sort((a, b) => (a.internalPath < b.internalPath ? -1 : a.internalPath > b.internalPath ? 1 : 0))
}

async function describe(file: Hdf5File, { path, header, problem }: ListedDataset, options: ReadOptions): Promise<ArrayInfo> {
  const unreadable = (error: unknown): ArrayInfo => ({
    internalPath: path,
    shape: [],
    dtype: 'unknown',
    chunks: null,
    shards: null,
    codecs: [],
    metadata: {},
    problem: error instanceof Error ? error.message : String(error)
  })
  if (header === undefined) return unreadable(problem)
  try {
    const dataset = await parseDataset(file, header, options)
    const numeric = numericTypeOf(dataset.type)
    return {
      internalPath: path,
      shape: dataset.space.shape,
      dtype: numeric?.dtype ?? nameOfDatatype(dataset.type),
      chunks: chunksOf(dataset),
      shards: null,
      codecs: dataset.filters.map(nameOfFilter),
      metadata: {},
      ...(numeric === undefined && { problem: `elements of type ${nameOfDatatype(dataset.type)} are not read` })
    }
  } catch (error) {
    if (isSourceError(error)) return unreadable(error)
    throw error
  }
}

function chunksOf(dataset: Pick<NumericDataset, 'layout'>): readonly number[] | null {
  return dataset.layout.class === 'chunked' ? dataset.layout.chunks : null
}
