import { SourceError } from './errors.js'
import { isJsonObject, type Json, type JsonObject } from './json.js'
import { maximalSpecDepth, type SpecBase } from './spec.js'

/** Our kind per format name of the Python package, where they differ; for `folder`, see {@link kindOfFolder}. */
const kindOfFormat: Readonly<Record<string, string>> = { z5py: 'n5' }
const formatOfKind: Readonly<Record<string, string>> = { stack: 'folder', tif: 'folder', knossos: 'folder' }
/** The option that names the place of a kind, where it is not the path. */
const placeOptions: Readonly<Record<string, string>> = { webknossos: 'dataset_name_or_url' }
/** Kinds that Python opens by path and format; the others have a kind of their own there. */
const fileKinds: ReadonlySet<string> = new Set(['hdf5', 'mrc', 'nifti', 'tif', 'stack', 'knossos', 'msr'])

/** Whether JSON is a spec as the Python package writes it (`dataclasses.asdict` of its `SourceSpec`). */
export function isPythonSpec(value: unknown): boolean {
  if (!isJsonObject(value)) return false
  return Object.hasOwn(value, 'internal_path') || value.kind === 'file' || value.kind === 'z5py'
}

/**
 * Translates a spec of the Python package: `internal_path`, `{"kind": "file", "params": {"format": "hdf5"}}`, `"z5py"`,
 * option names with underscores. What it does not know it hands on, for `parseSpec` to judge. Python's format `folder` is a TIFF file, a
 * KNOSSOS data set or a stack of images: it is told by `path` and `internal_path`, and where these do not say it, it is `stack`.
 * (`fromSpec` looks at what is there.)
 *
 * @throws ERR_INVALID_SPEC for what cannot be such a spec.
 */
export function fromPythonSpec(value: unknown, depth = 0): JsonObject {
  if (depth > maximalSpecDepth || !isJsonObject(value))
    throw new SourceError('ERR_INVALID_SPEC', 'not a spec of the Python package: expected a JSON object')
  const { internal_path: internalPath, params = {}, wrapped, kind, ...others } = value
  if (params !== null && !isJsonObject(params))
    throw new SourceError('ERR_INVALID_SPEC', 'not a spec of the Python package: `params` is an object')
  const { format, ...settings } = params ?? {}
  const name = kind === 'file' ? format : kind
  if (typeof name !== 'string')
    throw new SourceError('ERR_INVALID_SPEC', 'not a spec of the Python package: the kind or the format is missing')
  const placeOption = Object.hasOwn(placeOptions, name) ? placeOptions[name] : undefined
  // None is what Python has for an option that is not given.
  const options = Object.fromEntries(Object.entries(settings).filter(([option, setting]) => setting !== null && option !== placeOption))
  const place = placeOption === undefined ? undefined : settings[placeOption]
  // Python reopens live zarr and z5py arrays for writing.
  const mode = (kind === 'zarr' || kind === 'z5py') && !Object.hasOwn(options, 'mode') ? { mode: 'r+' } : {}
  const renamed = { ...Object.fromEntries(Object.entries(options).map(([option, setting]) => [camelCase(option), setting])), ...mode }
  const entries: [string, Json | undefined][] = [
    ['kind', kindOf(name, value)],
    ...Object.entries({ ...others, ...(place !== undefined && { path: place }) }),
    ['internalPath', internalPath],
    ['params', Object.keys(renamed).length > 0 ? renamed : undefined],
    ['wrapped', wrapped === null || wrapped === undefined ? undefined : fromPythonSpec(wrapped, depth + 1)]
  ]
  return Object.fromEntries(entries.filter(([, field]) => field !== null && field !== undefined))
}

function kindOf(format: string, spec: JsonObject): string | undefined {
  if (format === 'folder') return kindOfFolder(spec) ?? 'stack'
  return Object.hasOwn(kindOfFormat, format) ? kindOfFormat[format] : format
}

/** The kind of what Python opens by the format `folder`, as far as the names in the spec tell it. */
function kindOfFolder({ path, internal_path: internalPath }: JsonObject): string | undefined {
  if (typeof internalPath === 'string' && /[*?[]/.test(internalPath)) return 'stack'
  const place = typeof path !== 'string' ? '' : /^[a-z][a-z0-9+.-]*:\/\//i.test(path) ? path.replace(/[?#].*$/, '') : path
  if (/\.(tiff?|tf[28]|btf|companion\.ome)$/i.test(place)) return 'tif'
  if (typeof internalPath === 'string' && /(^|[_/])mag\d+$/.test(internalPath)) return 'knossos'
  return /(\.k\.toml|(^|[./\\])(k|pyk|pyknossos|knossos)\.conf)$/i.test(place) ? 'knossos' : undefined
}

/**
 * Replaces Python's format `folder` by our kind where names do not tell it, in the sources wrapped too.
 *
 * @param find The kind of what is at a path; `undefined` if that is not known.
 */
export async function settleFolders(value: unknown, find: (path: string) => Promise<string | undefined>, depth = 0): Promise<unknown> {
  if (!isJsonObject(value) || depth > maximalSpecDepth) return value
  const { kind, path, params, wrapped } = value
  const settled = isJsonObject(wrapped) ? { ...value, wrapped: await settleFolders(wrapped, find, depth + 1) } : value
  const isFolder = kind === 'file' && isJsonObject(params) && params.format === 'folder' && typeof path === 'string'
  if (!isFolder || kindOfFolder(value) !== undefined) return settled
  const found = await find(path)
  return found === undefined ? settled : { ...settled, params: { ...params, format: found } }
}

/** Translates a spec into the form that the Python package's `SourceSpec(**spec)` takes. */
export function toPythonSpec(spec: SpecBase): JsonObject {
  const { mode, ...params } = spec.params ?? {}
  const options: Record<string, Json> = Object.fromEntries(
    Object.entries(params).map(([option, setting]) => [snakeCase(option), setting ?? null])
  )
  const isFile = fileKinds.has(spec.kind)
  const readOnly = mode === undefined || mode === 'r'
  const nativeArray = spec.kind === 'zarr' || spec.kind === 'n5'
  // Python reopens its zarr and z5py kinds for writing; to stay read-only they take the way of a file.
  const asFile = isFile || (nativeArray && readOnly)
  const kind = asFile ? 'file' : spec.kind === 'n5' ? 'z5py' : spec.kind
  const placeOption = Object.hasOwn(placeOptions, spec.kind) ? placeOptions[spec.kind] : undefined
  if (placeOption !== undefined && spec.path !== undefined) options[placeOption] = spec.path
  return {
    kind,
    path: placeOption === undefined ? (spec.path ?? null) : null,
    internal_path: spec.internalPath ?? null,
    params: asFile ? { format: formatOfKind[spec.kind] ?? spec.kind, mode: mode ?? 'r', ...options } : options,
    wrapped: spec.wrapped === undefined ? null : toPythonSpec(spec.wrapped)
  }
}

function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
