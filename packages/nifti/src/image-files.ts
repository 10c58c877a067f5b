import { type SeekableStream, seekableStream } from '@bioimage/codecs'
import { type OpenRequest, resolveLocation, SourceError, type Store } from '@bioimage/core'
import { parseHeader } from './header.js'

/** A file as it is when it is decompressed. */
export interface ImageFile {
  readonly store: Store
  /** Bytes of the file; `undefined` for a compressed one, where only a pass over it would tell. */
  readonly size: number | undefined
  /** Most bytes that it can have. */
  readonly largestSize: number
  readonly stream: SeekableStream | undefined
  /** Its first bytes. */
  readonly prefix: Uint8Array
}

/** The files of an image. */
export interface ImageFiles {
  readonly header: ImageFile
  /** Where the voxels lie: the same one, or the second of a pair. */
  readonly voxels: ImageFile
}

/** More than a header: it takes small extensions along. */
const prefixBytes = 4096
/** Deflate makes at most 1032 bytes of one (RFC 1951: 258 bytes by a 2-bit code). */
const maximalGzipRatio = 1032

/**
 * Opens the file of an image, or both of a pair, of which either may be named.
 *
 * @throws ERR_NOT_FOUND, also for the other file of a pair.
 */
export async function openFiles(request: OpenRequest): Promise<ImageFiles> {
  const { location } = request
  const [, part] = /\.(hdr|img)(\.gz)?$/.exec(location.name) ?? []
  if (part === 'img') {
    const header = await openFile(await siblingOf(request, 'hdr'), request)
    return { header, voxels: await openFile(location.store, request, true) }
  }
  const header = await openFile(location.store, request, part === undefined)
  // A single file may have the name of a header, and a header without a name stands before its voxels.
  if (part === undefined || parseHeader(header.prefix).magic.charAt(1) === '+') return { header, voxels: header }
  return { header, voxels: await openFile(await siblingOf(request, 'img'), request, true) }
}

async function openFile(store: Store, request: OpenRequest, holdsVoxels = false): Promise<ImageFile> {
  const { signal } = request
  const range = { offset: 0, length: prefixBytes }
  const [prefix, size] = await Promise.all([store.get('', { range, signal }), store.size('', { signal })])
  if (prefix === undefined || size === undefined) throw new SourceError('ERR_NOT_FOUND', `${store.path ?? 'the file'} does not exist`)
  if (prefix[0] !== 0x1f || prefix[1] !== 0x8b) return { store, size, largestSize: size, stream: undefined, prefix }
  const stream = await openStream(store, size, holdsVoxels, request)
  const decompressed = (await stream.get('', { range, signal })) ?? new Uint8Array(0)
  return { store: stream, size: undefined, largestSize: size * maximalGzipRatio, stream, prefix: decompressed }
}

async function openStream(store: Store, length: number, holdsVoxels: boolean, request: OpenRequest): Promise<SeekableStream> {
  const { context, params, signal } = request
  const { gzipIndex } = params
  const index = typeof gzipIndex === 'string' && holdsVoxels ? await readIndex(gzipIndex, request) : undefined
  const keepIndex = context.cache !== undefined && context.cache !== false
  return seekableStream(store, { format: 'gzip', length, cache: context.cache, keepIndex, index, signal })
}

async function readIndex(path: string, { context, signal }: OpenRequest): Promise<Uint8Array> {
  const { store } = await resolveLocation(path, context)
  const index = await store.get('', { signal })
  if (index !== undefined) return index
  throw new SourceError(
    'ERR_NOT_FOUND',
    `the index ${path} does not exist; leave \`gzipIndex\` out to do without, or store what gzipIndex() gives there`
  )
}

/** The other file of a pair: of the same name, in the same folder, compressed or not. */
async function siblingOf({ location, context, signal }: OpenRequest, part: 'hdr' | 'img'): Promise<Store> {
  const { path } = location
  if (path === undefined) {
    throw new SourceError('ERR_UNSUPPORTED', 'a NIfTI pair of .hdr and .img is opened by its path or URL, by which the other file is found')
  }
  const [, stem = '', compression = '', rest = ''] = /^(.*)\.(?:hdr|img)(\.gz)?([?#].*)?$/is.exec(path) ?? []
  const isUpperCase = /\.(HDR|IMG)/.test(path)
  const names = [compression, compression === '' ? '.gz' : ''].map(
    (ending) => `${stem}.${isUpperCase ? part.toUpperCase() : part}${ending}${rest}`
  )
  for (const name of names) {
    const { store } = await resolveLocation(name, context)
    if ((await store.size('', { signal })) !== undefined) return store
  }
  throw new SourceError(
    'ERR_NOT_FOUND',
    `${path} is half of a NIfTI pair, and there is no ${part === 'hdr' ? 'header' : 'file of voxels'} ${names.join(' or ')}`
  )
}
