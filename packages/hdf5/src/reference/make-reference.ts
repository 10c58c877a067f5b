import { type Context, type JsonObject, resolveLocation, SourceError, type Target } from '@bioimage/core'
import { createData, formatDocument, itemSizeOf, scalarAt, bytesOf as viewOf } from '@bioimage/core/backend'
import { attributesAsJson } from '../attribute-values.js'
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
      const described = await describeDataset(file, found.header, { path: found.path, name: path, inlineBytes }, { signal })
      for (const group of groupsAbove(found.path)) refs[`${group}/.zgroup`] ??= zarrGroup
      Object.assign(refs, described)
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

async function describeDataset(file: Hdf5File, header: ObjectHeader, described: Described, options: ReadOptions): Promise<Refs> {
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
  const prefix = path === '' ? '' : `${path}/`
  return {
    [`${prefix}.zarray`]: textOf({
      zarr_format: 2,
      shape,
      chunks,
      dtype: formatZarrType(numeric.dtype, numeric.byteOrder),
      compressor: null,
      filters: codecs.length === 0 ? null : codecs,
      fill_value: fillValueOf(dataset),
      order: 'C'
    }),
    // Voxel sizes that the file keeps elsewhere, as those of viewers, come along.
    [`${prefix}.zattrs`]: textOf({ ...attributesOfMetadata(metadata), ...attrs, _ARRAY_DIMENSIONS: dimensions } satisfies JsonObject),
    ...(await chunkRefs(file, dataset, { ...described, prefix }, options))
  }
}

async function chunkRefs(
  file: Hdf5File,
  dataset: NumericDataset,
  { prefix, name, inlineBytes }: Described & { readonly prefix: string },
  options: ReadOptions
): Promise<Refs> {
  const { layout, space } = dataset
  const refs: Refs = {}
  const add = async (key: string, address: number, length: number): Promise<void> => {
    file.checkInside(address, length, 'chunk')
    refs[key] =
      length <= inlineBytes
        ? `base64:${base64Of((await file.read(address, length, 'chunk', options)).bytes)}`
        : [name, file.positionOf(address), length]
  }
  const only = `${prefix}${space.shape.length === 0 ? '0' : space.shape.map(() => '0').join('.')}`
  const bytes = space.shape.reduce((product, length) => product * length, dataset.type.size)
  if (layout.class === 'compact') refs[only] = `base64:${base64Of(layout.bytes.subarray(0, bytes))}`
  else if (layout.class === 'contiguous' && layout.address !== undefined && bytes > 0) await add(only, layout.address, bytes)
  else if (layout.class === 'chunked') {
    const table = await openChunkIndex(indexedDataset(file, dataset, layout)).list(options)
    const cut = layout.unfilteredEdges === true && space.shape.some((length, axis) => length % (layout.chunks[axis] ?? 1) !== 0)
    for (let row = 0; row < table.length; row++) {
      const { address, size, mask } = table.chunkAt(row)
      if (mask !== 0 || cut) throw unsupported('some of its chunks leave out filters, which Zarr does not know')
      await add(`${prefix}${table.positionAt(row).join('.')}`, address, size)
    }
  }
  return refs
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

function base64Of(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000))
  return btoa(text)
}
