import { type Context, type Location, resolveLocation, SourceError, type Store } from '@bioimage/core'
import { findObject, openFile } from './container.js'
import { parseDataset } from './dataset.js'
import { kindOf } from './groups/group.js'
import { unsupported } from './structure/structure-reader.js'
import { nodeModule } from './writing/node-modules.js'

/** A dataset of h5wasm, by the members that are looked at. */
export interface LiveHandle {
  readonly type: string
  readonly path: string
  readonly file_id: bigint
  readonly shape: readonly number[] | null
}

/** Whether a value is a dataset of h5wasm. */
export function isLiveHandle(value: unknown): value is LiveHandle {
  return (
    typeof value === 'object' &&
    value !== null &&
    'file_id' in value &&
    typeof value.file_id === 'bigint' &&
    'path' in value &&
    typeof value.path === 'string' &&
    'type' in value &&
    value.type === 'Dataset' &&
    'slice' in value
  )
}

/** Where a live dataset of h5wasm lies. */
export interface LivePlace {
  readonly location: Location
  readonly internalPath: string
}

type Library = typeof import('h5wasm/node')

/**
 * Finds the file of a live dataset among those that h5wasm has open: the handle itself does not name it. Elements are then read by
 * this package, not by h5wasm; what was written through h5wasm is stored before each read.
 *
 * @throws ERR_INVALID_ARGUMENT if no open file, or more than one, has such a dataset; ERR_UNSUPPORTED outside Node.
 */
export async function locateLiveHandle(handle: LiveHandle, context: Context): Promise<LivePlace> {
  nodeModule('node:os', 'a live dataset of h5wasm')
  const library = await loadLibrary()
  if (!(handle instanceof library.Dataset))
    throw unsupported('the dataset is of another copy of h5wasm than the one that this package finds; open the file by its path')
  const { flush } = await library.ready
  const flushFile = (): void => {
    try {
      flush(handle.file_id)
    } catch {
      // Closed meanwhile: all is stored then.
    }
  }
  flushFile()
  const internalPath = handle.path.replace(/^\/+|\/+$/g, '')
  const found: Location[] = []
  for (const path of openPaths(library)) {
    const location = await resolveLocation(path, context)
    if (await hasDataset(location, internalPath, handle.shape, context)) found.push(location)
  }
  const [location, ...others] = found
  if (location !== undefined && others.length === 0)
    return { location: { ...location, store: flushed(location.store, flushFile) }, internalPath }
  const problem =
    location === undefined
      ? 'none of the files that h5wasm has open holds it'
      : `${found.length} of the files that h5wasm has open hold such a dataset, and its handle does not tell which`
  throw new SourceError('ERR_INVALID_ARGUMENT', `${JSON.stringify(handle.path)}: ${problem}; open the file by its path`, { kind: 'hdf5' })
}

async function loadLibrary(): Promise<Library> {
  // Not as a text in `import()`: bundlers would take all of h5wasm along, or fail without it.
  const name: string = 'h5wasm/node'
  try {
    const library: Library = await import(/* @vite-ignore */ name)
    return library
  } catch (cause) {
    throw new SourceError('ERR_UNSUPPORTED', 'this needs the package h5wasm, which is not installed: `npm install h5wasm@0.10.3`', {
      kind: 'hdf5',
      cause
    })
  }
}

/** Files that h5wasm has open. */
function openPaths({ FS }: Library): ReadonlySet<string> {
  const streams: unknown = FS !== null && typeof FS === 'object' && 'streams' in FS ? FS.streams : undefined
  const paths = new Set<string>()
  for (const stream of Array.isArray(streams) ? streams : []) {
    if (typeof stream === 'object' && stream !== null && typeof stream.path === 'string' && !stream.path.startsWith('/dev/'))
      paths.add(stream.path)
  }
  return paths
}

async function hasDataset(location: Location, path: string, shape: readonly number[] | null, context: Context): Promise<boolean> {
  try {
    const request = { location, params: {}, context, signal: undefined }
    const file = await openFile(request)
    const object = await findObject(file, path, request)
    if (object === undefined || kindOf(object.header) !== 'dataset') return false
    const dataset = await parseDataset(object.file, object.header, {})
    return dataset.layout.class === 'virtual' || dataset.space.shape.join() === (shape ?? []).join()
  } catch {
    // No HDF5 file, or gone.
    return false
  }
}

/** The file of a handle that may write: its changes are stored before anybody looks. */
function flushed(store: Store, flush: () => void): Store {
  const { revision } = store
  return {
    identity: store.identity,
    path: store.path,
    remote: store.remote,
    get: (key, options) => store.get(key, options),
    size: (key, options) => store.size(key, options),
    ...(revision !== undefined && {
      revision: (key: string) => {
        flush()
        return revision.call(store, key)
      }
    })
  }
}
