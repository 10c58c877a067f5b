import {
  type ArrayInfo,
  type DType,
  isAbort,
  type JsonObject,
  type ListRequest,
  type NdArray,
  type OpenRequest,
  type Source,
  SourceError,
  type Store,
  specOf
} from '@bioimage/core'
import { type AccessOptions, defineSource, forEachConcurrently } from '@bioimage/core/backend'
import picomatch from 'picomatch'
import type { StackSource } from './driver.js'
import { compareNames, compareNaturally, sliceExtensionOf } from './slice-names.js'
import { openSlice } from './slice-source.js'

/** Slices that are read at the same time. */
const concurrentSlices = { local: 4, remote: 16 }
/** Slices that stay open. */
const openSlices = 64

/** A slice that is being opened, or is open. */
interface Opening {
  readonly slice: Promise<Source>
  readonly signal: AbortSignal | undefined
}

type Region = Parameters<Parameters<typeof defineSource>[0]['access']['read']>[0]

/** Opens the slices that a pattern names. */
export async function open(request: OpenRequest): Promise<StackSource> {
  const { location, mode, params, context, signal } = request
  if (mode !== 'r') throw new SourceError('ERR_READ_ONLY', 'image stacks are only read; leave out `mode`')
  const { store } = location
  const files = await findSlices(store, request.internalPath, params, signal)
  const opened = new Map<number, Opening>()
  const begin = (index: number, opener: AbortSignal | undefined): Opening => {
    const opening = { slice: openSlice(store, files[index] ?? '', context, opener), signal: opener }
    opened.set(index, opening)
    opening.slice.catch(() => opened.delete(index))
    const [oldest] = opened.keys()
    if (opened.size > openSlices && oldest !== undefined && oldest !== index) opened.delete(oldest)
    return opening
  }
  /** Readers wait for one opening; if the one who began it gives up, the next begins anew. */
  const sliceAt = async (index: number, options: AccessOptions): Promise<Source> => {
    for (;;) {
      const opening = opened.get(index) ?? begin(index, options.signal)
      try {
        return await opening.slice
      } catch (error) {
        options.signal?.throwIfAborted()
        if (!isAbort(error, opening.signal)) throw error
      }
    }
  }
  const first = await sliceAt(0, { signal })
  const checked = async (index: number, options: AccessOptions): Promise<Source> => {
    const slice = await sliceAt(index, options)
    checkEqual(slice, first, [files[index] ?? '', files[0] ?? ''])
    return slice
  }
  const concurrency = context.concurrency ?? concurrentSlices[store.remote ? 'remote' : 'local']
  if (params.validate === true) {
    await forEachConcurrently(files.keys(), concurrency, signal, async (index) => {
      await checked(index, { signal })
    })
  }
  const read = async (region: Region, out: NdArray, options: AccessOptions): Promise<void> => {
    const [start = 0] = region.start
    const [count = 0] = region.shape
    const [step = 1] = region.step
    await forEachConcurrently(Array(count).keys(), concurrency, options.signal, async (at) => {
      const slice = await checked(start + at * step, options)
      const index = region.shape.slice(1).map((length, axis) => {
        const from = region.start[axis + 1] ?? 0
        const by = region.step[axis + 1] ?? 1
        return { start: from, stop: from + (length - 1) * by + 1, step: by }
      })
      const place: NdArray = {
        dtype: out.dtype,
        shape: out.shape.slice(1),
        stride: out.stride.slice(1),
        offset: (out.offset ?? 0) + at * (out.stride[0] ?? 0),
        data: out.data
      }
      await slice.get(index, { out: place, signal: options.signal })
    })
  }
  const { pattern: _, ...rest } = params
  const axes = first.metadata.axes ?? [
    { name: 'y', type: 'space' } as const,
    { name: 'x', type: 'space' } as const,
    ...(first.ndim > 2 ? [{ name: 'c', type: 'channel' } as const] : [])
  ]
  return defineSource(
    {
      kind: 'stack',
      shape: [files.length, ...first.shape],
      dtype: first.dtype as DType,
      chunks: [1, ...first.shape],
      attrs: { files },
      metadata: {
        axes: [
          { name: axes.some(({ name }) => name === 'z') ? 'index' : 'z', type: axes.some(({ name }) => name === 'z') ? 'index' : 'space' },
          ...axes
        ]
      },
      access: { read },
      readOnlyReason: 'image stacks are only read; convert to a format that is written, such as zarr',
      toSpec: specOf('stack', { ...request, params: rest }, patternOf(request.internalPath, params))
    },
    { kind: 'stack' as const }
  )
}

/** One pattern per extension that there is. */
export async function list(request: ListRequest): Promise<readonly ArrayInfo[]> {
  const patterns = request.internalPath === undefined ? await patternsIn(request.location.store, request.signal) : [request.internalPath]
  const infos: ArrayInfo[] = []
  for (const internalPath of patterns) {
    const source = await open({ ...request, internalPath, mode: 'r' })
    const { shape, dtype, chunks, metadata } = source
    infos.push({ internalPath, shape, dtype, chunks, shards: null, codecs: [], metadata })
    await source.close()
  }
  return infos
}

async function patternsIn(store: Store, signal: AbortSignal | undefined): Promise<string[]> {
  if (store.list === undefined)
    throw new SourceError('ERR_UNSUPPORTED', 'this store cannot be listed; name the slices by the option `files`')
  const endings = new Set<string>()
  for await (const { name, folder } of store.list('', { signal })) {
    if (!folder && !name.startsWith('.') && sliceExtensionOf(name) !== undefined) endings.add(name.slice(name.lastIndexOf('.')))
  }
  return [...endings].sort(compareNames).map((ending) => `*${ending}`)
}

function patternOf(internalPath: string | undefined, { pattern }: JsonObject): string | undefined {
  return internalPath ?? (typeof pattern === 'string' ? pattern : undefined)
}

/** The slices in order. */
async function findSlices(
  store: Store,
  internalPath: string | undefined,
  params: JsonObject,
  signal: AbortSignal | undefined
): Promise<readonly string[]> {
  const { files } = params
  if (Array.isArray(files) && files.length > 0) return files.filter((name) => typeof name === 'string')
  const pattern = patternOf(internalPath, params)
  if (pattern === undefined) {
    const patterns = await patternsIn(store, signal)
    throw new SourceError(
      'ERR_ARRAY_NOT_CHOSEN',
      `name the slices by a pattern as \`internalPath\`: ${patterns.map((text) => JSON.stringify(text)).join(', ') || 'there are no slices'}`
    )
  }
  if (store.list === undefined)
    throw new SourceError('ERR_UNSUPPORTED', 'this store cannot be listed; name the slices by the option `files`')
  const cut = pattern.lastIndexOf('/') + 1
  const folder = pattern.slice(0, Math.max(0, cut - 1))
  if (/[*?[\]]/.test(folder)) throw new SourceError('ERR_UNSUPPORTED', 'a pattern may have wildcards in the names of files, not of folders')
  const matches = picomatch(pattern.slice(cut), { nobrace: true, noextglob: true, nonegate: true, noglobstar: true, strictBrackets: false })
  const found: string[] = []
  for await (const entry of store.list(folder, { signal })) if (!entry.folder && matches(entry.name)) found.push(entry.name)
  if (found.length === 0)
    throw new SourceError('ERR_NOT_FOUND', `${store.path ?? 'the folder'} has no files ${JSON.stringify(pattern)}`, { path: store.path })
  found.sort(params.sort === 'natural' ? compareNaturally : compareNames)
  return found.map((name) => (folder === '' ? name : `${folder}/${name}`))
}

function checkEqual(slice: Source, first: Source, [name, firstName]: readonly [string, string]): void {
  const describe = ({ dtype, shape }: Source): string => `${dtype} [${shape.join(', ')}]`
  if (describe(slice) === describe(first)) return
  throw new SourceError(
    'ERR_CORRUPT_DATA',
    `the slices differ: ${JSON.stringify(name)} is ${describe(slice)}, ${JSON.stringify(firstName)} is ${describe(first)}`
  )
}
