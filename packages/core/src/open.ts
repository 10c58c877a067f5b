import { checkMode, normalizeInternalPath, parseOptions } from './check-options.js'
import type { Context } from './context.js'
import type { Kind, Mode, SourceOf } from './driver.js'
import type { DType } from './dtype.js'
import { locate } from './locate.js'
import type { Target } from './location.js'
import { openWith } from './open-with.js'
import { globalRegistry } from './registry.js'
import type { Source } from './source.js'

/** Options of {@link openSource} and {@link listArrays}. Further members are options of the format. */
export interface OpenOptions {
  /** Kind of the backend. Defaults to what extension and content tell. */
  readonly format?: string | undefined
  /** Path of the array inside a container. */
  readonly internalPath?: string | undefined
  /** Defaults to `r`: read only. */
  readonly mode?: Mode | undefined
  readonly context?: Context | undefined
  readonly signal?: AbortSignal | undefined
  readonly [option: string]: unknown
}

/** A source opened from a file, folder or URL. Its spec opens it again. */
export type FileSource<D extends DType = DType> = Source<D>

/**
 * Opens an array by path, URL, File or store.
 *
 * @throws ERR_NOT_FOUND, ERR_UNKNOWN_FORMAT, ERR_UNKNOWN_KIND, ERR_ARRAY_NOT_CHOSEN (a container: the message lists its
 *   arrays), ERR_INVALID_ARGUMENT (an option that the format does not have), ERR_CORRUPT_DATA, ERR_UNSUPPORTED,
 *   ERR_ACCESS_DENIED, ERR_IO.
 */
export function openSource<K extends Kind>(target: Target, options: OpenOptions & { readonly format: K }): Promise<SourceOf<K>>
export function openSource(target: Target, options?: OpenOptions): Promise<Source>
export async function openSource(target: Target, options: OpenOptions = {}): Promise<Source> {
  const { format, internalPath, mode = 'r', context = {}, signal, ...rest } = options
  const registry = context.registry ?? globalRegistry()
  checkMode(mode)
  const located = await locate(target, format, context, signal)
  const params = parseOptions(rest, located.driver)
  return openWith(located.driver, registry, {
    location: located.location,
    internalPath: normalizeInternalPath(internalPath),
    mode,
    params,
    context,
    signal
  })
}
