import type { JsonObject, Mode, Source, SourceDriver, SpecBase } from '@bioimage/core'

/** Options of a Zarr source. */
export interface ZarrParams extends JsonObject {
  readonly mode?: Mode
  /** Separator of chunk keys, for v2 arrays whose `.zarray` does not name the one that they use. */
  readonly dimensionSeparator?: '.' | '/'
  /** Store chunks that hold nothing but the fill value. Defaults to false. */
  readonly writeEmptyChunks?: boolean
}

/** Spec of a Zarr array: `path` is the container, `internalPath` the array in it. */
export interface ZarrSpec extends SpecBase<'zarr'> {
  readonly path: string
  readonly params?: ZarrParams | undefined
}

/** A Zarr array. */
export interface ZarrSource extends Source {
  readonly kind: 'zarr'
  readonly zarrFormat: 2 | 3
}

declare module '@bioimage/core' {
  interface SourceKinds {
    zarr: { spec: ZarrSpec; source: ZarrSource }
  }
}

/** Driver of Zarr v2 and v3: folders, buckets and zip files. */
export const zarr: SourceDriver<'zarr'> = {
  api: 1,
  kind: 'zarr',
  id: '@bioimage/zarr',
  extensions: ['.zarr', '.zr', '.zarr.zip', '.ozx'],
  writable: true,
  layout: 'container',
  schema: { dimensionSeparator: ['.', '/'], writeEmptyChunks: 'boolean' },
  createSchema: {
    zarrVersion: 'integer',
    codecs: 'json',
    order: ['C', 'F'],
    shardIndexLocation: ['start', 'end'],
    consolidated: 'boolean'
  },
  sniff: { markers: ['zarr.json', '.zarray', '.zgroup'] },
  accepts: isZarritaNode,
  load: () => import('./reader.js')
}

/** Whether an object is an array or group of zarrita. */
function isZarritaNode(handle: object): boolean {
  return 'store' in handle && 'kind' in handle && (handle.kind === 'array' || handle.kind === 'group')
}
