import {
  type ArrayInfo,
  type Axis,
  type ListRequest,
  type NdArray,
  type OpenRequest,
  type Region,
  type Source,
  specOf
} from '@bioimage/core'
import { type AccessOptions, attempt, defineSource, forEachConcurrently, unreadableArray } from '@bioimage/core/backend'
import type { StackSource } from './driver.js'
import { findSlices, patternsIn } from './find-slices.js'
import { Slices } from './slices.js'

/** Slices that are read at the same time. */
const concurrentSlices = { local: 4, remote: 16 }

/** Opens the slices that a pattern or a list names. Reads the header of the first one; with `validate`, of all. */
export async function open(request: OpenRequest): Promise<StackSource> {
  const { location, internalPath, params, context, signal } = request
  const { store } = location
  const files = await findSlices(store, internalPath, params, signal)
  const slices = new Slices(store, files, context)
  const first = await slices.first(signal)
  const concurrency = context.concurrency ?? concurrentSlices[store.remote ? 'remote' : 'local']
  if (params.validate === true) {
    await forEachConcurrently(files.keys(), concurrency, signal, async (index) => {
      await slices.at(index, { signal })
    })
  }
  const read = async (region: Region, out: NdArray, options: AccessOptions): Promise<void> => {
    const [start = 0] = region.start
    const [count = 0] = region.shape
    const [step = 1] = region.step
    const index = indexInSlice(region)
    await forEachConcurrently(Array(count).keys(), concurrency, options.signal, async (at) => {
      const slice = await slices.at(start + at * step, options)
      await slice.get(index, { out: sliceOf(out, at), signal: options.signal })
    })
  }
  return defineSource(
    {
      kind: 'stack',
      shape: [files.length, ...first.shape],
      dtype: first.dtype,
      chunks: [1, ...first.shape],
      attrs: { files },
      metadata: { axes: axesOf(first), ...(first.metadata.channels !== undefined && { channels: first.metadata.channels }) },
      access: { read, close: () => slices.close() },
      readOnlyReason: 'image stacks are only read; convert to a format that is written, such as zarr',
      toSpec: specOf('stack', request, internalPath)
    },
    { kind: 'stack' as const }
  )
}

/** One array per extension that there is; or the one that a pattern or the option `files` names. */
export async function list(request: ListRequest): Promise<readonly ArrayInfo[]> {
  const { location, internalPath, params, signal } = request
  const isNamed = internalPath !== undefined || params.files !== undefined
  const patterns = isNamed ? [internalPath ?? ''] : await patternsIn(location.store, signal)
  const infos: ArrayInfo[] = []
  for (const pattern of patterns) {
    const { value, problem } = await attempt(pattern, () => describeStack(request, pattern))
    infos.push(value ?? unreadableArray(pattern, problem?.message ?? ''))
  }
  return infos
}

async function describeStack(request: ListRequest, internalPath: string): Promise<ArrayInfo> {
  const { location, signal, measure } = request
  const source = await open({ ...request, internalPath, mode: 'r' })
  try {
    const { shape, dtype, chunks, metadata, attrs } = source
    let storedBytes = 0
    if (measure && Array.isArray(attrs.files)) {
      for (const file of attrs.files) storedBytes += (typeof file === 'string' && (await location.store.size(file, { signal }))) || 0
    }
    return { internalPath, shape, dtype, chunks, shards: null, codecs: [], metadata, ...(measure && { storedBytes }) }
  } finally {
    await source.close()
  }
}

/** The same region within each slice. */
function indexInSlice({ start, shape, step }: Region): { start: number; stop: number; step: number }[] {
  return shape.slice(1).map((length, at) => {
    const [from = 0, by = 1] = [start[at + 1], step[at + 1]]
    return { start: from, stop: from + (length - 1) * by + 1, step: by }
  })
}

/** The part of an array that one slice fills. */
function sliceOf({ dtype, shape, stride, offset = 0, data }: NdArray, at: number): NdArray {
  return { dtype, shape: shape.slice(1), stride: stride.slice(1), offset: offset + at * (stride[0] ?? 0), data }
}

/** Slices lie along z, unless they have a z of their own. */
function axesOf(slice: Source): readonly Axis[] {
  const inside: readonly Axis[] = slice.metadata.axes ?? [
    { name: 'y', type: 'space' },
    { name: 'x', type: 'space' },
    ...(slice.ndim > 2 ? [{ name: 'c', type: 'channel' } as const] : [])
  ]
  const hasZ = inside.some(({ name }) => name === 'z')
  return [hasZ ? { name: 'index', type: 'index' } : { name: 'z', type: 'space' }, ...inside]
}
