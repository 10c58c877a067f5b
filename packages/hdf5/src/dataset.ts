import { itemSizeOf } from '@bioimage/core/backend'
import { type NumericType, numericTypeOf } from './data-type.js'
import { type DataLayout, parseDataLayout } from './messages/data-layout.js'
import { type Dataspace, parseDataspace } from './messages/dataspace.js'
import { type Datatype, nameOfDatatype, parseDatatype } from './messages/datatype.js'
import { type ExternalFiles, parseExternalFiles } from './messages/external-files.js'
import { checkFillValue, parseFillValue, parseOldFillValue } from './messages/fill-value.js'
import { type Filter, parseFilterPipeline } from './messages/filter-pipeline.js'
import { findBody } from './messages/shared-message.js'
import type { Hdf5File, ReadOptions } from './structure/hdf5-file.js'
import { messageType, type ObjectHeader } from './structure/object-header.js'
import { corrupt, type StructureReader, unsupported } from './structure/structure-reader.js'

/** What the object header of a dataset says. */
export interface Dataset {
  readonly header: ObjectHeader
  readonly space: Dataspace
  readonly type: Datatype
  readonly layout: DataLayout
  /** In encoding order. */
  readonly filters: readonly Filter[]
  /** One element; `undefined` for zeros. */
  readonly fill: Uint8Array | undefined
  readonly externalFiles: ExternalFiles | undefined
}

/** A dataset whose elements are numbers. */
export interface NumericDataset extends Dataset {
  readonly numeric: NumericType
}

/** @throws ERR_CORRUPT_DATA, ERR_UNSUPPORTED (a version of a message) */
export async function parseDataset(file: Hdf5File, header: ObjectHeader, options: ReadOptions): Promise<Dataset> {
  const find = (type: number): Promise<StructureReader | undefined> => findBody(file, header, type, options)
  const required = async (type: number, name: string): Promise<StructureReader> => {
    const body = await find(type)
    if (body === undefined) throw corrupt(`the object header of a dataset has no ${name} message`)
    return body
  }
  const space = parseDataspace(await required(messageType.dataspace, 'dataspace'))
  const type = parseDatatype(await required(messageType.datatype, 'datatype'))
  const layout = parseDataLayout(await required(messageType.dataLayout, 'data layout'))
  const pipeline = await find(messageType.filterPipeline)
  const fill = await find(messageType.fillValue)
  const oldFill = fill === undefined ? await find(messageType.oldFillValue) : undefined
  const external = await find(messageType.externalFiles)
  const value = checkFillValue(fill === undefined ? oldFill && parseOldFillValue(oldFill) : parseFillValue(fill), type.size)
  const dataset = {
    header,
    space,
    type,
    layout,
    filters: pipeline === undefined ? [] : parseFilterPipeline(pipeline),
    fill: value.bytes,
    externalFiles: external === undefined ? undefined : parseExternalFiles(external)
  }
  checkLayout(dataset)
  return dataset
}

/** Sizes that more than one message tells must agree. */
function checkLayout({ space, type, layout }: Dataset): void {
  const { shape } = space
  if (space.kind === 'null') return
  if (layout.class === 'chunked') {
    if (layout.chunks.length !== shape.length) throw corrupt(`chunks have ${layout.chunks.length} axes, the dataset has ${shape.length}`)
    if (layout.elementSize !== type.size)
      throw corrupt(`elements of chunks have ${layout.elementSize} bytes, those of the dataset ${type.size}`)
    return
  }
  const bytes = shape.reduce((product, length) => product * length, type.size)
  if (layout.class === 'compact' && layout.bytes.byteLength < bytes) {
    throw corrupt(`the header holds ${layout.bytes.byteLength} bytes of elements, expected ${bytes}`)
  }
  if (layout.class === 'contiguous' && layout.address !== undefined && layout.size !== undefined && layout.size < bytes) {
    throw corrupt(`the dataset has ${layout.size} bytes, but its shape and type take ${bytes}`)
  }
}

/** @throws ERR_UNSUPPORTED for elements that are no numbers of JavaScript. */
export function asNumeric(dataset: Dataset, name: string): NumericDataset {
  const numeric = numericTypeOf(dataset.type)
  if (numeric === undefined) {
    throw unsupported(
      `${name} holds elements of type ${nameOfDatatype(dataset.type)}; integers, floats of 2, 4 and 8 bytes, booleans and complex numbers are read`
    )
  }
  if (itemSizeOf(numeric.dtype) !== dataset.type.size)
    throw corrupt(`elements of ${name} have ${dataset.type.size} bytes, ${numeric.dtype} has ${itemSizeOf(numeric.dtype)}`)
  // A null dataspace holds no element at all.
  if (dataset.space.kind === 'null')
    return {
      ...dataset,
      numeric,
      space: { kind: 'null', shape: [0], maxShape: [0] },
      layout: { class: 'compact', bytes: new Uint8Array(0) }
    }
  return { ...dataset, numeric }
}
