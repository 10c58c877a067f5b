import type { Mode } from './driver.js'
import { SourceError } from './errors.js'
import { isJsonObject, type Json, type JsonObject, shortJson } from './json.js'
import type { Location } from './location.js'
import { checkParameters } from './parameters.js'
import { globalRegistry, type Registry } from './registry.js'

/**
 * How to open a source again: pure JSON, readable in a log, safe to hand on. It holds no credential, token or function;
 * those come from the context that opens it.
 */
export interface SpecBase<K extends string = string> {
  /** Kind of the backend, such as `"zarr"`. */
  readonly kind: K
  /** Absolute path or URL of the file or container. */
  readonly path?: string | undefined
  /** Path of the array inside the container. */
  readonly internalPath?: string | undefined
  /** Options of the backend, as `openSource` takes them. */
  readonly params?: JsonObject | undefined
  /** Spec of the source that a wrapper wraps. */
  readonly wrapped?: SpecBase | undefined
}

/** Wrappers nest at most this deep in a spec. */
export const maximalSpecDepth = 32

const fields: ReadonlySet<string> = new Set(['kind', 'path', 'internalPath', 'params', 'wrapped'])

/**
 * Validates untrusted JSON as a spec. Specs of the Python package must go through `fromPythonSpec` first, which
 * `fromSpec` does by itself.
 *
 * @throws ERR_INVALID_SPEC for anything but a spec, ERR_UNKNOWN_KIND for a kind that is not registered.
 */
export function parseSpec(value: unknown, registry: Registry = globalRegistry()): SpecBase {
  return parseAtDepth(value, registry, 0)
}

function parseAtDepth(value: unknown, registry: Registry, depth: number): SpecBase {
  if (depth > maximalSpecDepth) throw invalid(`wrapped sources nest deeper than ${maximalSpecDepth} levels`)
  if (!isJsonObject(value)) throw invalid(`a spec is a JSON object, found ${describe(value)}`)
  const unknownField = Object.keys(value).find((field) => !fields.has(field))
  if (unknownField !== undefined) throw invalid(`unknown field ${shortJson(unknownField)}; a spec has ${[...fields].join(', ')}`)
  const { kind, path, internalPath, params, wrapped } = value
  if (typeof kind !== 'string' || kind === '') throw invalid(`\`kind\` is a string, found ${describe(kind)}`)
  checkString('path', path)
  checkString('internalPath', internalPath)
  if (params !== undefined && !isJsonObject(params)) throw invalid(`\`params\` is an object, found ${describe(params)}`)
  const driver = registry.driver(kind)
  if (params !== undefined)
    checkParameters(params, { mode: ['r', 'r+', 'a'], ...driver.schema }, `a spec of kind "${kind}"`, 'ERR_INVALID_SPEC')
  return {
    kind,
    ...(typeof path === 'string' && { path }),
    ...(typeof internalPath === 'string' && { internalPath }),
    ...(params !== undefined && { params }),
    ...(wrapped !== undefined && { wrapped: parseAtDepth(wrapped, registry, depth + 1) })
  }
}

function checkString(name: string, value: Json | undefined): void {
  if (value !== undefined && typeof value !== 'string') throw invalid(`\`${name}\` is a string, found ${describe(value)}`)
  if (typeof value === 'string' && value.includes('\0')) throw invalid(`\`${name}\` holds a NUL character`)
}

function describe(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object that is not plain JSON' : typeof value
}

function invalid(message: string): SourceError {
  return new SourceError('ERR_INVALID_SPEC', `not a source spec: ${message}`)
}

/** The spec of a source that was opened by this request. */
export function specOf(
  kind: string,
  request: { readonly location: Location; readonly params?: JsonObject | undefined; readonly mode?: Mode | undefined },
  internalPath: string | undefined
): (() => SpecBase) | undefined {
  const { location, params = {}, mode = 'r' } = request
  const { path } = location
  if (path === undefined) return undefined
  const given = { ...params, ...(mode !== 'r' && { mode }) }
  return () => ({
    kind,
    path,
    ...(internalPath !== undefined && { internalPath }),
    ...(Object.keys(given).length > 0 && { params: given })
  })
}
