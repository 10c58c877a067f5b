import { normalizeInternalPath, parseOptions } from './check-options.js'
import type { ArrayInfo, ListRequest } from './driver.js'
import { locate } from './locate.js'
import type { Target } from './location.js'
import type { OpenOptions } from './open.js'
import { guard, openWith } from './open-with.js'
import { globalRegistry } from './registry.js'

/** Options of {@link listArrays}. */
export interface ListOptions extends OpenOptions {
  /** Also find out how many bytes each array takes where it is stored. Defaults to false. */
  readonly measure?: boolean | undefined
}

/** All arrays of a file or container, sorted by path, without reading voxels. Throws as `openSource` does. */
export async function listArrays(target: Target, options: ListOptions = {}): Promise<readonly ArrayInfo[]> {
  const { format, internalPath, mode: _mode, context = {}, signal, measure = false, ...rest } = options
  const registry = context.registry ?? globalRegistry()
  const { driver, location } = await locate(target, format, context, signal)
  const params = parseOptions(rest, driver)
  const reader = await registry.reader(driver)
  const request: ListRequest = { location, internalPath: normalizeInternalPath(internalPath), params, context, signal, measure }
  if (reader.list !== undefined) return guard(driver, request, () => reader.list?.(request))
  const source = await openWith(driver, registry, { ...request, mode: 'r' })
  const storedBytes = measure ? await location.store.size('', { signal }) : undefined
  await source.close()
  return [
    {
      internalPath: driver.defaultInternalPath ?? '',
      shape: source.shape,
      dtype: source.dtype,
      chunks: source.chunks,
      shards: source.shards,
      codecs: [],
      metadata: source.metadata,
      ...(storedBytes !== undefined && { storedBytes })
    }
  ]
}
