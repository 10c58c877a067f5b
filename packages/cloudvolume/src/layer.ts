import { type Context, type Location, resolveLocation, SourceError, type Store } from '@bioimage/core'
import { parseDocument } from '@bioimage/core/backend'
import { placeInside, placeOfCloudpath } from './cloudpath.js'
import { parseInfo, type VolumeInfo } from './info.js'
import { readDocument } from './layer-files.js'

/** A layer: its place and its `info`. */
export interface Layer {
  readonly location: Location
  readonly info: VolumeInfo
}

/** A layer may point to another one this often. */
const maximalRedirects = 10

/**
 * Reads the `info` of a layer, and of the one that it redirects to.
 *
 * @throws ERR_NOT_FOUND (no `info`), ERR_CORRUPT_DATA, ERR_UNSUPPORTED
 */
export async function openLayer(start: Location, context: Context, signal: AbortSignal | undefined): Promise<Layer> {
  const visited: string[] = []
  let location = start
  for (;;) {
    const bytes = await readDocument(location.store, 'info', signal)
    const where = location.path ?? 'the store'
    if (bytes === undefined)
      throw new SourceError('ERR_NOT_FOUND', `${where} is no precomputed layer: it has no file "info"`, { path: location.path })
    const document = parseDocument(bytes, 'info')
    const { redirect } = document
    if (redirect === undefined || redirect === null || redirect === '') return { location, info: parseInfo(document) }
    if (typeof redirect !== 'string')
      throw new SourceError('ERR_CORRUPT_DATA', `\`redirect\` is a cloudpath, found ${JSON.stringify(redirect)}`)
    visited.push(where)
    const target = placeOfCloudpath(redirect)
    if (visited.includes(target))
      throw new SourceError('ERR_CORRUPT_DATA', `\`info\` redirects in a circle: ${[...visited, target].join(' -> ')}`, {
        path: location.path
      })
    if (visited.length > maximalRedirects)
      throw new SourceError('ERR_CORRUPT_DATA', `\`info\` redirects more than ${maximalRedirects} times: ${visited.join(' -> ')}`, {
        path: location.path
      })
    if (isLocal(target) && !isLocal(start.path ?? '')) {
      throw new SourceError('ERR_CORRUPT_DATA', `the remote layer redirects to the local path ${target}, which is not followed`, {
        path: location.path
      })
    }
    if (endpointOf(target) !== undefined && endpointOf(target) !== endpointOf(start.path ?? '')) {
      throw new SourceError(
        'ERR_ACCESS_DENIED',
        `\`info\` redirects to the server of ${target}, which credentials may not be sent to; open it by itself`,
        {
          path: location.path
        }
      )
    }
    location = await resolveLocation(target, context)
  }
}

/** The server that a cloudpath of object storage names by itself. */
function endpointOf(path: string): string | undefined {
  return /^(?:precomputed:\/\/)?(?:s3|gs):\/\/(https?:\/\/[^/]+)/i.exec(path)?.[1]
}

/** Whether the chunks of a scale lie in a folder of their own inside the layer. */
export function isInsideLayer(key: string): boolean {
  const parts = key.split('/')
  return parts.some((part) => part !== '' && part !== '.') && !parts.includes('..')
}

/** The store and the folder in it that hold the chunks of a scale: its key may lead out of the layer, as in `../other/8_8_8`. */
export async function scaleFolder(layer: Location, key: string, context: Context): Promise<{ store: Store; folder: string }> {
  const parts: string[] = []
  let above = 0
  for (const part of key.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.length > 0) parts.pop()
    else above++
  }
  const folder = parts.join('/')
  if (above === 0) return { store: layer.store, folder }
  const address = addressOf(layer)
  const parent = address === undefined ? undefined : parentOf(address, above)
  if (parent === undefined)
    throw new SourceError('ERR_CORRUPT_DATA', `the key ${JSON.stringify(key)} leads out of ${layer.path ?? 'the store'}`, {
      path: layer.path
    })
  return { store: (await resolveLocation(parent, context)).store, folder }
}

/** Where a layer lies, by HTTP with the whole query: `path` has none of its credentials, which the chunks need, too. */
function addressOf({ path, url }: Location): string | undefined {
  const address = url === undefined ? undefined : (placeInside(url) ?? url.href)
  return address !== undefined && /^https?:/i.test(address) ? address : path
}

/** The folder so many levels above; `undefined` above the root, a host or a bucket. */
function parentOf(address: string, levels: number): string | undefined {
  // To what follows the path the parent has the same right.
  const [, path = address, query = ''] = /^(https?:[^?#]*)(\?[^#]*)?/i.exec(address) ?? []
  const [, root = '', rest = ''] = /^((?:(?:s3|gs):\/\/(?=https?:\/\/))?[a-z0-9+.-]+:\/\/[^/]*|\/|)(.*?)\/*$/i.exec(path) ?? []
  const parts = rest.split('/').filter((part) => part !== '')
  if (levels > parts.length) return undefined
  const kept = parts.slice(0, parts.length - levels).join('/')
  return `${root.endsWith('/') || root === '' ? `${root}${kept}` : `${root}/${kept}`}${query}`
}

function isLocal(path: string): boolean {
  return !/^[a-z0-9+.-]+:\/\//i.test(path) || /^file:/i.test(path)
}
