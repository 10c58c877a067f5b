import { type Context, type JsonObject, resolveLocation, SourceError, type Target } from '@bioimage/core'
import { createData, formatDocument, itemSizeOf, scalarAt, bytesOf as viewOf } from '@bioimage/core/backend'
import { attributesAsJson } from '../attribute-values.js'
import { ChunkTable } from '../chunk-index/chunk-table.js'
import { openChunkIndex } from '../chunk-index/open-chunk-index.js'
import { findObject, listDatasets, openFile } from '../container.js'
import { asNumeric, type NumericDataset, parseDataset } from '../dataset.js'
import type { ExportedReference, ExportReferenceOptions, Hdf5Reference } from '../export-reference.js'
import { codecsOf } from '../filters.js'
import { kindOf } from '../groups/group.js'
import { fillElement, indexedDataset } from '../layout.js'
import { readAttributes } from '../messages/attributes.js'
import { imageMetadata } from '../metadata/image-metadata.js'
import { attributesOfMetadata } from '../metadata/own-attributes.js'
import type { Hdf5File, ReadOptions } from '../structure/hdf5-file.js'
import type { ObjectHeader } from '../structure/object-header.js'
import { unsupported } from '../structure/structure-reader.js'
import { formatZarrType } from './zarr-type.js'

type Refs = Record<string, string | [string, number, number]>

const zarrGroup = '{"zarr_format":2}'

/** See `exportReference`. */
export async function makeReference(target: Target, options: ExportReferenceOptions): Promise<ExportedReference> {
  const { signal, internalPath = '', inlineBytes = 0 } = options
  const context: Context = options.context ?? {}
  const location = await resolveLocation(target, context)
  const request = { location, params: {}, context, signal }
  const file = await openFile(request)
  const path = options.path ?? location.path
  if (path === undefined) {
    const message = 'the file has no path or URL that the reference could name; give the option `path`'
    throw new SourceError('ERR_INVALID_ARGUMENT', message, { kind: 'hdf5' })
  }
  const root = await findObject(file, internalPath, request)
  if (root === undefined || root.file !== file) {
    const message = `${path} has no ${JSON.stringify(internalPath)}`
    throw new SourceError('ERR_NOT_FOUND', message, { kind: 'hdf5', path: location.path })
  }
  const refs: Refs = { '.zgroup': zarrGroup }
  const omitted: { internalPath: string; reason: string }[] = []
  for await (const found of listDatasets(file, root, internalPath, { signal })) {
    try {
      if (found.header === undefined) throw found.problem
      await addDataset(refs, file, found.header, { path: found.path, name: path, inlineBytes }, { signal })
      for (const group of groupsAbove(found.path)) refs[`${group}/.zgroup`] ??= zarrGroup
    } catch (error) {
      signal?.throwIfAborted()
      if (kindOf(root.header) === 'dataset' || !(error instanceof SourceError)) throw error
      omitted.push({ internalPath: found.path, reason: error.message })
    }
  }
  const reference: Hdf5Reference = { version: 1, refs, bioimage: { size: file.size } }
  return { reference, omitted }
}

function groupsAbove(path: string): string[] {
  const names = path.split('/')
  return names.slice(0, -1).map((_, at) => names.slice(0, at + 1).join('/'))
}

interface Described {
  readonly path: string
  /** Of the file, in the reference. */
  readonly name: string
  readonly inlineBytes: number
}

/** Adds what describes a dataset: its documents, then its chunks. Nothing is added if it cannot be described. */
async function addDataset(refs: Refs, file: Hdf5File, header: ObjectHeader, described: Described, options: ReadOptions): Promise<void> {
  const { path } = described
  const dataset = asNumeric(await parseDataset(file, header, options), JSON.stringify(path))
  const { numeric, space, filters, type, layout } = dataset
  if (layout.class === 'virtual' || dataset.externalFiles !== undefined) throw unsupported('its elements lie in other datasets or files')
  if (numeric.bits !== undefined || numeric.floatFields !== undefined)
    throw unsupported('its numbers do not use the bits of their bytes in the usual way')
  const { shape } = space
  const chunks = layout.class === 'chunked' ? layout.chunks : shape.map((length) => Math.max(1, length))
  const codecs = layout.class === 'chunked' ? codecsOf(filters, 0, type.size).map(({ acceptSwapped: _, ...codec }) => codec) : []
  const attrs = await attributesAsJson(file, await readAttributes(file, header, options), options)
  const metadata = await imageMetadata({ file, path, shape, attrs, companion: undefined }, options)
  const names = metadata.axes?.map(({ name }) => name)
  const dimensions = names !== undefined && new Set(names).size === names.length ? names : shape.map((_, axis) => `phony_dim_${axis}`)
  const stored = await storedPieces(file, dataset, options)
  const prefix = path === '' ? '' : `${path}/`
  refs[`${prefix}.zarray`] = textOf({
    zarr_format: 2,
    shape,
    chunks,
    dtype: formatZarrType(numeric.dtype, numeric.byteOrder),
    compressor: null,
    filters: codecs.length === 0 ? null : codecs,
    fill_value: fillValueOf(dataset),
    order: 'C'
  })
  // Voxel sizes that the file keeps elsewhere, as those of viewers, come along.
  refs[`${prefix}.zattrs`] = textOf({ ...attributesOfMetadata(metadata), ...attrs, _ARRAY_DIMENSIONS: dimensions } satisfies JsonObject)
  for (let row = 0; row < stored.length; row++) {
    const { address, size } = stored.chunkAt(row)
    const key = `${prefix}${shape.length === 0 ? '0' : stored.positionAt(row).join('.')}`
    if (size <= described.inlineBytes) refs[key] = inline((await file.read(address, size, 'chunk', options)).bytes)
    else refs[key] = [described.name, file.positionOf(address), size]
  }
  if (layout.class === 'compact') refs[`${prefix}${shape.map(() => '0').join('.') || '0'}`] = inline(layout.bytes)
}

/** The stored chunks; data in one piece are one chunk. */
async function storedPieces(file: Hdf5File, dataset: NumericDataset, options: ReadOptions): Promise<ChunkTable> {
  const { layout, space, type } = dataset
  const { shape } = space
  if (layout.class !== 'chunked') {
    const table = new ChunkTable(shape.length, 1)
    const bytes = shape.reduce((product, length) => product * length, type.size)
    if (layout.class === 'contiguous' && layout.address !== undefined && bytes > 0) {
      file.checkInside(layout.address, bytes, 'data of the dataset')
      const first = shape.map(() => 0)
      table.add(first, layout.address, bytes, 0)
    }
    return table
  }
  const table = await openChunkIndex(indexedDataset(file, dataset, layout)).list(options)
  const cut = layout.unfilteredEdges === true && shape.some((length, axis) => length % (layout.chunks[axis] ?? 1) !== 0)
  for (let row = 0; row < table.length; row++) {
    const { address, size, mask } = table.chunkAt(row)
    if (mask !== 0 || cut) throw unsupported('some of its chunks leave out filters, which Zarr does not know')
    file.checkInside(address, size, 'chunk')
  }
  return table
}

/** The fill value as Zarr v2 writes it. */
function fillValueOf(dataset: NumericDataset): unknown {
  const { dtype } = dataset.numeric
  const data = createData(dtype, 1)
  viewOf(data).set(fillElement(dataset).subarray(0, itemSizeOf(dtype)))
  const scalar = scalarAt(dtype, data, 0)
  return Array.isArray(scalar) ? scalar.map(jsonNumber) : jsonNumber(scalar)
}

function jsonNumber(value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}

function textOf(document: Readonly<Record<string, unknown>>): string {
  return new TextDecoder().decode(formatDocument(document))
}

function inline(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000))
  return `base64:${btoa(text)}`
}
