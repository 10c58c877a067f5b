import { checkMode, normalizeInternalPath } from './check-options.js'
import type { Context } from './context.js'
import type { Kind, SourceOf, SpecOf } from './driver.js'
import { isSourceError, SourceError } from './errors.js'
import { locate } from './locate.js'
import { openWith } from './open-with.js'
import { fromPythonSpec, isPythonSpec, settleFolders } from './python-spec.js'
import { globalRegistry } from './registry.js'
import type { Source } from './source.js'
import { parseSpec } from './spec.js'

/** What a spec must fit into: that of its kind, without further fields, where the kind is written out and not any string. */
type CheckedSpec<S> = S extends { readonly kind: infer K extends string }
  ? string extends K
    ? unknown
    : K extends Kind
      ? SpecOf<K> & Readonly<Record<Exclude<keyof S, keyof SpecOf<K>>, never>>
      : [Kind] extends [never]
        ? unknown
        : { readonly kind: Kind }
  : unknown

type SourceOfSpec<S> = S extends { readonly kind: infer K extends Kind } ? SourceOf<K> : Source

/**
 * Opens a source from its spec. Untrusted JSON may be given: it is validated; specs of the Python package are understood.
 *
 * @throws ERR_INVALID_SPEC, ERR_UNKNOWN_KIND, and what `openSource` throws.
 */
export function fromSpec<const S>(spec: S & CheckedSpec<S>, context?: Context): Promise<SourceOfSpec<S>>
export async function fromSpec(value: unknown, context: Context = {}): Promise<Source> {
  const registry = context.registry ?? globalRegistry()
  const spec = parseSpec(
    isPythonSpec(value) ? fromPythonSpec(await settleFolders(value, (path) => kindAt(path, context))) : value,
    registry
  )
  const driver = registry.driver(spec.kind)
  const reader = await registry.reader(driver)
  if (reader.fromSpec !== undefined) return reader.fromSpec(spec, context)
  if (spec.path === undefined)
    throw new SourceError('ERR_INVALID_SPEC', `a spec of kind ${JSON.stringify(spec.kind)} needs a \`path\``, { kind: spec.kind })
  const { mode = 'r', ...params } = spec.params ?? {}
  const { location } = await locate(spec.path, spec.kind, context, undefined)
  return openWith(driver, registry, {
    location,
    internalPath: normalizeInternalPath(spec.internalPath),
    mode: checkMode(mode),
    params,
    context,
    signal: undefined
  })
}

/** The kind of what is at a path, as `openSource` finds it. */
async function kindAt(path: string, context: Context): Promise<string | undefined> {
  try {
    return (await locate(path, undefined, context, undefined)).driver.kind
  } catch (error) {
    if (isSourceError(error, 'ERR_UNKNOWN_FORMAT')) return undefined
    throw error
  }
}
