import type { Context } from './context.js'
import { SourceError } from './errors.js'
import { nodeModule } from './platform.js'
import { globalRegistry, type Registry } from './registry.js'
import { blobStore } from './stores/blob-store.js'
import { fileSystemStore } from './stores/file-system-store.js'
import { httpStore } from './stores/http-store.js'
import { isStore, type Store } from './stores/store.js'
import { isThirdPartyStore, type ThirdPartyStore, thirdPartyStore } from './stores/third-party-store.js'
import { shareable } from './url-credentials.js'

/** Where a file or container may lie: a local path, a URL, a Blob or File, a store. */
export type Target = string | URL | Blob | Store | ThirdPartyStore

/** A file or container: the store whose root it is. */
export interface Location {
  /** Key `""` is the file itself; other keys lie inside the container. */
  readonly store: Store
  /** Absolute path or URL for specs and messages, without credentials; `undefined` where nothing reopens it. */
  readonly path: string | undefined
  /** The URL as it was given, with its whole query: for requests to files beside it, never for specs or messages. */
  readonly url?: URL | undefined
  /** The absolute local path, where it was opened by that. */
  readonly localPath?: string | undefined
  /** Last part of the path in lower case, for extensions; `""` if there is none. */
  readonly name: string
}

const builtInSchemes: ReadonlySet<string> = new Set(['file', 'http', 'https'])

/**
 * Finds the store of a target. A text is a URL if it begins with a scheme and `//`, or with the scheme of a registered package
 * and a colon; any other is a local path.
 *
 * @throws ERR_UNSUPPORTED for a URL scheme that no registered package handles.
 */
export async function resolveLocation(target: Target, context: Context): Promise<Location> {
  if (typeof Blob !== 'undefined' && target instanceof Blob) {
    const name = 'name' in target && typeof target.name === 'string' ? target.name : ''
    return { store: blobStore(target), path: undefined, name: name.toLowerCase() }
  }
  if (isStore(target)) return { store: target, path: target.path, name: target.path === undefined ? '' : lastPart(target.path) }
  if (isThirdPartyStore(target)) return { store: thirdPartyStore(target), path: undefined, name: '' }
  if (typeof target !== 'string' && !(target instanceof URL)) {
    throw new SourceError('ERR_INVALID_ARGUMENT', `expected a path, a URL, a Blob or a store, found ${typeof target}`)
  }
  const text = String(target)
  if (text === '') throw new SourceError('ERR_INVALID_ARGUMENT', 'expected a path or URL, found an empty string')
  const registry = context.registry ?? globalRegistry()
  const path = localPathOf(target, registry)
  if (path !== undefined) return localLocation(path)
  const url = parseUrl(text)
  const scheme = url.protocol.slice(0, -1)
  const driver = registry.storeDriver(url.protocol)
  if (scheme === 'http' || scheme === 'https') {
    const store = httpStore(url, context)
    return { store, path: store.path, url, name: lastPart(url.pathname) }
  }
  if (driver !== undefined) {
    const store = await driver.open(url, context)
    return { store, path: store.path === undefined ? undefined : shareable(store.path), url, name: lastPart(url.pathname) }
  }
  const cure = scheme === 's3' || scheme === 'gs' ? `; install @bioimage/s3 and \`import '@bioimage/s3'\`` : ''
  throw new SourceError('ERR_UNSUPPORTED', `no package for ${scheme}: URLs is registered${cure}`, { path: text })
}

/**
 * The local path that a target names, as it is given; `undefined` for a URL of another scheme than `file:`. What is a URL is
 * said at {@link resolveLocation}.
 *
 * @throws ERR_INVALID_ARGUMENT for a `file:` URL that names no local path.
 */
export function localPathOf(target: string | URL, registry: Registry = globalRegistry()): string | undefined {
  const text = String(target)
  const [, name, slashes] = /^([a-z][a-z0-9+.-]+):(\/\/)?/i.exec(text) ?? []
  if (name === undefined) return text
  const scheme = name.toLowerCase()
  // Names of files may hold a colon: `scan:2.mrc` is no URL.
  const known = builtInSchemes.has(scheme) || registry.storeDriver(`${scheme}:`) !== undefined
  if (slashes === undefined && !known && !(target instanceof URL)) return text
  if (scheme !== 'file') return undefined
  const toPath = nodeModule('node:url')?.fileURLToPath
  if (toPath === undefined) return undefined
  try {
    return toPath(parseUrl(text))
  } catch (cause) {
    if (cause instanceof SourceError) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new SourceError('ERR_INVALID_ARGUMENT', `${text} names no local path: ${reason}`, { cause })
  }
}

function localLocation(path: string): Location {
  const store = fileSystemStore(path)
  return { store, path: store.path, localPath: store.path, name: lastPart(path) }
}

function parseUrl(text: string): URL {
  try {
    return new URL(text)
  } catch {
    // Without a cause, for that of the platform holds the text; and without what may be a secret in a text that has no parts yet.
    const shown = text.replace(/[?#].*$/s, '').replace(/^([^:]*:\/*).*@/s, '$1')
    throw new SourceError('ERR_INVALID_ARGUMENT', `${JSON.stringify(shown)} is not a URL`)
  }
}

function lastPart(path: string): string {
  return (
    path
      .split(/[/\\]/)
      .findLast((part) => part !== '')
      ?.toLowerCase() ?? ''
  )
}
