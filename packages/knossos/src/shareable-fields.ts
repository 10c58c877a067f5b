import type { Json, JsonObject } from '@bioimage/core'

/** Fields that describe the data, of all languages, in lower case. Any other one may be an address or a password. */
const known: ReadonlySet<string> = new Set([
  // knossos.conf
  ...['experiment name', 'magnification', 'compression_ratio', 'png', 'cube_edge_length'],
  ...['boundary', 'scale'].flatMap((name) => ['x', 'y', 'z'].map((axis) => `${name} ${axis}`)),
  // PyKnossos
  ...['_basename', '_baseext', '_serverformat', '_datascale', '_extent', '_cubesize', '_numberofcubes', '_filetype', '_origin'],
  ...['_description', '_color', '_visible'],
  // KNOSSOS 5
  ...['name', 'description', 'serverformat', 'fileextension', 'extent_px', 'cubeshape_px', 'voxelsize_nm', 'magnification'],
  ...['visible', 'color', 'opacity', 'overlay']
])

/** The fields of a configuration that may be shown and handed on. Texts with an address that could hold a password are left out too. */
export function shareableFields(fields: Iterable<readonly [string, unknown]>): JsonObject {
  const shared: Record<string, Json> = {}
  for (const [name, value] of fields) if (known.has(name.toLowerCase()) && isPlain(value)) shared[name] = value
  return shared
}

function isPlain(value: unknown): value is Json {
  if (Array.isArray(value)) return value.every(isPlain)
  if (typeof value === 'string') return !/:\/\/\S*[@?]/.test(value)
  return (typeof value === 'number' && Number.isFinite(value)) || typeof value === 'boolean'
}
