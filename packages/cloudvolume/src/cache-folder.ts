import { isJsonObject, type Json, type JsonObject, type Location, SourceError } from '@bioimage/core'
import { parseDocument } from '@bioimage/core/backend'
import { isInsideLayer } from './layer.js'
import type { Scale } from './scale.js'

/** Variable of CloudVolume that names the folder of all caches. */
const folderVariable = 'CLOUD_VOLUME_CACHE_DIR'
/** Members of a scale that say what its chunks hold and how they are called. */
const chunkMembers = ['chunk_sizes', 'voxel_offset', 'encoding', 'compressed_segmentation_block_size', 'sharding'] as const

/**
 * The folder in which chunks of a layer are kept, as CloudVolume names it: `PROTOCOL/BUCKET/LAYER` below `root`, or below the
 * folder that `CLOUD_VOLUME_CACHE_DIR` names, or `~/.cloudvolume/cache`.
 *
 * @param root `true`, or the path of a folder.
 * @throws ERR_UNSUPPORTED without a file system, for a place that has no path, and for a scale outside of its layer.
 */
export function cacheFolder(root: true | string, { path }: Location, { key }: Pick<Scale, 'key'>): string {
  if (typeof process === 'undefined' || process.getBuiltinModule === undefined)
    throw new SourceError('ERR_UNSUPPORTED', '`cache`: this platform has no file system to keep chunks in')
  const paths = process.getBuiltinModule('node:path')
  const home = process.getBuiltinModule('node:os').homedir()
  const { protocol, parts } = partsOf(path)
  if (protocol === undefined || parts.length === 0 || parts.includes('..') || !isInsideLayer(key))
    throw new SourceError(
      'ERR_UNSUPPORTED',
      `\`cache\`: chunks of ${path ?? 'this store'}, scale ${JSON.stringify(key)}, have no place in it`
    )
  const given = root === true ? process.env[folderVariable] : root
  const base = given === undefined || given === '' ? paths.join(home, '.cloudvolume', 'cache') : given.replace(/^~(?=$|[/\\])/, home)
  return paths.resolve(base, protocol, ...parts)
}

function partsOf(path: string | undefined): { readonly protocol?: string; readonly parts: readonly string[] } {
  const [, protocol, place = '', query = ''] = /^([a-z][a-z0-9+.-]*):\/\/([^?#]*)(.*)$/is.exec(path ?? '') ?? []
  const parts = place.split('/').filter((part) => part !== '' && part !== '.')
  // What a query chooses is another layer.
  const named = parts.map((part, at) => `${part}${at === parts.length - 1 ? encodeURIComponent(query) : ''}`)
  return protocol === undefined
    ? { parts: [] }
    : { protocol: protocol.toLowerCase(), parts: named.map((part) => part.replace(/\\/g, '%5C')) }
}

/**
 * Checks that the chunks in a cache are those of a scale, by the `info` that lies with them.
 *
 * @throws ERR_INVALID_ARGUMENT
 */
export function checkCachedInfo(bytes: Uint8Array, current: JsonObject, scale: Scale, folder: string): void {
  const cached = parseDocument(bytes, 'info')
  const found = scaleOf(cached, scale.key)
  // A scale that came later has no chunks there yet.
  if (found === undefined) return
  const members = scale.sharding === undefined ? chunkMembers : [...chunkMembers, 'size']
  const differing = [
    ...['data_type', 'num_channels'].filter((name) => !isSame(cached[name], current[name])),
    ...members.filter((name) => !isSame(found[name], scale.document[name]))
  ]
  if (differing.length === 0) return
  throw new SourceError(
    'ERR_INVALID_ARGUMENT',
    `the cache in ${folder} is of another volume: \`${differing.join('`, `')}\` of its \`info\` differ from the source; remove that folder`,
    { path: folder }
  )
}

function scaleOf({ scales }: JsonObject, key: string): JsonObject | undefined {
  const found = Array.isArray(scales) ? scales.find((scale: Json) => isJsonObject(scale) && scale.key === key) : undefined
  return isJsonObject(found) ? found : undefined
}

function isSame(a: Json | undefined, b: Json | undefined): boolean {
  return JSON.stringify(ordered(a)) === JSON.stringify(ordered(b))
}

/** With the members of objects in the order of their names; an absent one is null. */
function ordered(value: Json | undefined): Json {
  if (Array.isArray(value)) return value.map(ordered)
  if (!isJsonObject(value)) return value ?? null
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, ordered(member)])
  )
}
