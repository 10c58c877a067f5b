import type { Context } from './context.js'
import { type Location, resolveLocation } from './location.js'
import { nodeModule } from './platform.js'
import { globalRegistry } from './registry.js'
import { joinKey, type Store } from './stores/store.js'

/** A container that a path leads into. */
export interface ContainerAbove {
  readonly location: Location
  /** Path, in the container, of what the path names. */
  readonly internalPath: string
}

/** Groups nest at most this deep above an array. */
const maximalDepth = 8

/**
 * The container of what was opened by its own path, as `scan.zarr/0` instead of `0` in `scan.zarr`: the nearest folder above it with an
 * extension of the format, else, on a local disk, the outermost one from which on every folder has a marker. `undefined` if there is
 * none, or nothing above it can be opened.
 */
export async function containerAbove(
  { path, url, localPath }: Location,
  kind: string,
  context: Context
): Promise<ContainerAbove | undefined> {
  const driver = (context.registry ?? globalRegistry()).drivers().find((driver) => driver.kind === kind)
  const { extensions = [], sniff } = driver ?? {}
  const text = url === undefined ? localPath : url.pathname
  if (text === undefined || path === undefined) return undefined
  const names = text.split(url === undefined && nodeModule('node:path')?.sep === '\\' ? /[\\/]/ : '/').filter((name) => name !== '')
  const isContainer = (name: string | undefined): boolean => extensions.some((extension) => name?.toLowerCase().endsWith(extension))
  const above = async (depth: number): Promise<Location> => {
    if (url === undefined) return resolveLocation(nodeModule('node:path')?.join(text, '../'.repeat(depth)) ?? text, context)
    const outer = new URL(url)
    outer.pathname = `/${names.slice(0, -depth).join('/')}`
    return resolveLocation(outer, context)
  }
  if (isContainer(names.at(-1))) return undefined
  const most = Math.min(maximalDepth, names.length - 1)
  let depth = 1
  while (depth <= most && !isContainer(names.at(-1 - depth))) depth++
  if (depth > most) {
    depth = 0
    while (url === undefined && depth < most && (await hasMarker((await above(depth + 1)).store, sniff?.markers ?? []))) depth++
  }
  if (depth === 0) return undefined
  return {
    location: await above(depth),
    internalPath: joinKey(...names.slice(-depth).map(url === undefined ? String : decodeURIComponent))
  }
}

async function hasMarker(store: Store, markers: readonly string[]): Promise<boolean> {
  for (const marker of markers) if ((await store.size(marker)) !== undefined) return true
  return false
}
