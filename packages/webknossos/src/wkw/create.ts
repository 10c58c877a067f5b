import { type CreateRequest, joinKey, SourceError } from '@bioimage/core'
import { deleteFolder, itemSizeOf } from '@bioimage/core/backend'
import { extentOfFiles } from './extent.js'
import { headerName } from './folder.js'
import { type BlockType, checkWrittenBlocks, formatHeader, parseHeader, type WkwHeader, wkwDTypes } from './header.js'

/** Voxels along an edge of a block, and blocks along an edge of a file, where nothing else is asked for. */
const defaultBlock = 32
const defaultFile = 32
/** Both have four bits for the exponent. */
const longest = 2 ** 15

/**
 * Writes `header.wkw` of a new array. Files come with the first voxels.
 *
 * @throws ERR_ALREADY_EXISTS, ERR_UNSUPPORTED, ERR_READ_ONLY, ERR_TOO_LARGE
 */
export async function createFolder(request: CreateRequest, folder: string): Promise<WkwHeader> {
  const { overwrite, signal } = request
  const { store } = request.location
  const header = newHeader(request)
  const key = joinKey(folder, headerName)
  // Files without a header would turn up in the new array.
  const present = (await store.size(key, { signal })) !== undefined || (await extentOfFiles(store, folder, signal)) !== undefined
  const where = `${store.path ?? 'the store'}${folder === '' ? '' : `, ${folder}`}`
  if (present && !overwrite) {
    const found = `${where} has WKW files already`
    throw new SourceError('ERR_ALREADY_EXISTS', `${found}; pass \`overwrite: true\` to replace them`, { path: store.path })
  }
  if (present) {
    const { list, delete: remove } = store
    if (list === undefined || remove === undefined)
      throw new SourceError('ERR_UNSUPPORTED', `${where} cannot be replaced: its store cannot list and delete`, { path: store.path })
    // The header first: without it the files are nothing. Not to be stopped half-way.
    await remove.call(store, key)
    const parts: string[] = []
    for await (const { name } of list.call(store, folder)) if (/^z\d+$/.test(name)) parts.push(name)
    for (const name of parts) await deleteFolder(store, joinKey(folder, name))
  }
  await store.set?.(key, formatHeader(header), { ifAbsent: !overwrite })
  return header
}

function newHeader(request: CreateRequest): WkwHeader {
  const { shape, dtype, fillValue, attrs, params } = request
  const [channels = 1, ...others] = shape.slice(3)
  if (shape.length < 3 || others.length > 0)
    throw unsupported(`WKW has arrays of z, y, x and perhaps channels, not of ${shape.length} axes`)
  if (!wkwDTypes.has(dtype)) throw unsupported(`WKW has no ${dtype}; it has (u)int8 to 64, float32 and float64`)
  if (channels < 1 || channels * itemSizeOf(dtype) > 255)
    throw unsupported(`a voxel of WKW has 1 to 255 bytes, not ${channels} channels of ${dtype}`)
  if (fillValue !== undefined && !(Number(fillValue) === 0))
    throw unsupported(`WKW has no fill value: what is never written is 0; write ${String(fillValue)} where you need it`)
  if (Object.keys(attrs).length > 0) throw unsupported('WKW has no place for attributes; leave out `attrs`')
  const block = request.chunks === undefined ? defaultBlock : edgeOf('chunks', request.chunks, channels)
  const shards = request.shards === undefined ? undefined : edgeOf('shards', request.shards, channels)
  const blockLength = shards === undefined || request.chunks !== undefined ? block : Math.min(block, shards)
  const file = (shards ?? blockLength * defaultFileLength(shape, blockLength)) / blockLength
  if (!Number.isInteger(file) || file < 1) throw unsupported(`shards of ${shards} voxels are no whole number of chunks of ${blockLength}`)
  const { blockType = 'lz4' } = params
  const header: WkwHeader = { blockLength, fileLength: file, blockType: blockTypeOf(blockType), dtype, channels, dataOffset: 0 }
  checkWrittenBlocks(header)
  // Read back: what we cannot read we do not write.
  return parseHeader(formatHeader(header), headerName)
}

function blockTypeOf(blockType: unknown): BlockType {
  return blockType === 'raw' || blockType === 'lz4hc' ? blockType : 'lz4'
}

/** Files as large as the reference writes them, but no larger than the array. */
function defaultFileLength(shape: readonly number[], blockLength: number): number {
  const longestAxis = Math.max(1, ...shape.slice(0, 3))
  return Math.min(defaultFile, 2 ** Math.max(0, Math.ceil(Math.log2(longestAxis / blockLength))))
}

/** The edge of a cube: WKW has no other blocks and files. */
function edgeOf(name: string, lengths: readonly number[], channels: number): number {
  const [edge = 1, ...others] = lengths.slice(0, 3)
  if (others.some((length) => length !== edge) || !Number.isInteger(Math.log2(edge)) || edge > longest)
    throw unsupported(`\`${name}\` [${lengths.join(', ')}] are no cube whose edge is a power of two, which WKW has alone`)
  if (lengths.length > 3 && lengths[3] !== channels) throw unsupported(`\`${name}\` hold all ${channels} channels, not ${lengths[3]}`)
  return edge
}

function unsupported(message: string): SourceError {
  return new SourceError('ERR_UNSUPPORTED', message, { kind: 'wkw' })
}
