import {
  type ArrayInfo,
  type DType,
  type JsonObject,
  type ListRequest,
  type NdArray,
  type OpenRequest,
  type Region,
  SourceError,
  type SourceMetadata,
  specOf
} from '@bioimage/core'
import {
  type AccessOptions,
  attempt,
  defineSource,
  forEachConcurrently,
  itemSizeOf,
  type RegionAccess,
  stridedAccess,
  unreadableArray
} from '@bioimage/core/backend'
import type { MsrSource } from './driver.js'
import { readFileTags } from './file-header.js'
import { logicalData } from './logical-data.js'
import { allStacks, everyStack, findStack, keysOf, type ObfStacks, openStacks } from './obf-stacks.js'
import { readStackFooter } from './stack-footer.js'
import type { StackHeader } from './stack-header.js'
import { attrsOf, fileAttrsOf, metadataOf, stackLayout, stridedLayoutOf } from './stack-layout.js'

/** An array that can be read. */
interface OpenedArray {
  readonly shape: readonly number[]
  readonly dtype: DType
  readonly access: RegionAccess
  readonly attrs: JsonObject
  readonly metadata: SourceMetadata
}

type Request = Omit<OpenRequest, 'mode'>

/** Opens a stack by its name or number, or all of them; the first one by default. */
export async function open(request: OpenRequest): Promise<MsrSource> {
  const { location, internalPath = '', signal } = request
  const stacks = await openStacks(location.store, signal)
  const key = internalPath === '' ? '0' : internalPath
  const array = key === allStacks ? await openAll(stacks, request) : await openStack(stacks, await findStack(stacks, key, signal), request)
  const { attrs, ...definition } = array
  return defineSource(
    {
      kind: 'msr',
      ...definition,
      attrs: { ...attrs, file: fileAttrsOf(stacks.header, await readFileTags(stacks.file, stacks.header, signal)) },
      readOnlyReason: 'OBF files are only read; convert to a format that is written, such as zarr',
      toSpec: specOf('msr', request, key)
    },
    { kind: 'msr' as const }
  )
}

/** Every stack, in the order of the file; and all of them together where they are alike. */
export async function list(request: ListRequest): Promise<readonly ArrayInfo[]> {
  const { location, signal, measure } = request
  const stacks = await openStacks(location.store, signal)
  const headers = await everyStack(stacks, signal)
  const keys = keysOf(headers)
  const infos: ArrayInfo[] = []
  for (const [at, header] of headers.entries()) {
    const key = keys[at] ?? String(at)
    const { value, problem } = await attempt(key, async () => {
      const { shape, dtype, metadata, access } = await openStack(stacks, header, request)
      await access.close?.()
      const codecs = header.compression_type === 1 ? ['zlib'] : []
      const stored = measure ? { storedBytes: header.data_len_disk } : {}
      return { internalPath: key, shape, dtype, chunks: null, shards: null, codecs, metadata, ...stored }
    })
    infos.push(value ?? unreadableArray(key, problem?.message ?? ''))
  }
  return infos
}

async function openStack({ file }: ObfStacks, header: StackHeader, { params, context, signal }: Request): Promise<OpenedArray> {
  const layout = stackLayout(header, params.squeeze !== false)
  const footer = await readStackFooter(file, header, signal)
  const { shape, dtype, byteLength } = layout
  const itemSize = itemSizeOf(dtype) * layout.channels
  const data = await logicalData(file, header, footer, { byteLength, itemSize, signal })
  const access = stridedAccess(data.store, stridedLayoutOf(layout, data.offset), context.concurrency)
  return {
    shape,
    dtype,
    access: { read: access.read, close: data.close },
    attrs: attrsOf(header, footer),
    metadata: metadataOf(layout, header, footer)
  }
}

/** Stacks that are read at the same time. */
const concurrentStacks = 4

/**
 * All stacks, one behind the other along a first axis.
 *
 * @throws ERR_SHAPE_MISMATCH, naming those that differ.
 */
async function openAll(stacks: ObfStacks, request: Request): Promise<OpenedArray> {
  const headers = await everyStack(stacks, request.signal)
  const [firstHeader] = headers
  if (firstHeader === undefined) throw new SourceError('ERR_NOT_FOUND', `${request.location.path ?? 'the file'} has no stacks`)
  checkAlike(headers, request.params.squeeze !== false)
  const arrays: OpenedArray[] = []
  for (const header of headers) arrays.push(await openStack(stacks, header, request))
  const [first] = arrays
  if (first === undefined) throw new TypeError('a stack that is opened is an array')
  const read = async (region: Region, out: NdArray, options: AccessOptions): Promise<void> => {
    const [start = 0] = region.start
    const [count = 0] = region.shape
    const [step = 1] = region.step
    const inside = { start: region.start.slice(1), shape: region.shape.slice(1), step: region.step.slice(1) }
    await forEachConcurrently(Array(count).keys(), concurrentStacks, options.signal, async (at) => {
      const offset = (out.offset ?? 0) + at * (out.stride[0] ?? 0)
      const place: NdArray = { ...out, shape: out.shape.slice(1), stride: out.stride.slice(1), offset }
      await arrays[start + at * step]?.access.read(inside, place, { signal: options.signal })
    })
  }
  return {
    shape: [headers.length, ...first.shape],
    dtype: first.dtype,
    access: {
      read,
      close: async () => {
        for (const { access } of arrays) await access.close?.()
      }
    },
    attrs: { stacks: arrays.map(({ attrs }) => attrs) },
    metadata: {
      axes: [{ name: 'stack', type: 'channel' }, ...(first.metadata.axes ?? [])],
      channels: headers.map(({ index, name }) => (name === '' ? String(index) : name))
    }
  }
}

function checkAlike(headers: readonly StackHeader[], squeeze: boolean): void {
  const described = headers.map((header) => {
    const { shape, dtype } = stackLayout(header, squeeze)
    return `${dtype} [${shape.join(', ')}]`
  })
  if (new Set(described).size <= 1) return
  const names = keysOf(headers).map((key, at) => `${JSON.stringify(key)} ${described[at]}`)
  throw new SourceError('ERR_SHAPE_MISMATCH', `the stacks are not alike, so that "${allStacks}" cannot hold them: ${names.join(', ')}`)
}
