import type { JsonObject, Mode, Source, SourceDriver, SpecBase } from '@bioimage/core'

/** Options of an HDF5 source. */
export interface Hdf5Params extends JsonObject {
  readonly mode?: Mode
  /** Also follow links and raw files that lie outside the folder of the file. Defaults to false. */
  readonly followOutside?: boolean
  /** Read a file that a writer has open, or did not close. Defaults to false. */
  readonly ignoreOpenForWriting?: boolean
  /**
   * Where the chunks lie, as `exportReference` or kerchunk wrote it: a path or URL, or the JSON itself. The file is then not parsed.
   */
  readonly reference?: string | JsonObject
}

/** Spec of an HDF5 dataset: `path` is the file, `internalPath` the dataset in it. */
export interface Hdf5Spec extends SpecBase<'hdf5'> {
  readonly path: string
  readonly params?: Hdf5Params | undefined
}

/** A dataset of an HDF5 file. `attrs` holds its attributes. */
export interface Hdf5Source extends Source {
  readonly kind: 'hdf5'
}

declare module '@bioimage/core' {
  interface SourceKinds {
    hdf5: { spec: Hdf5Spec; source: Hdf5Source }
  }
}

const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]

/** Driver of HDF5 files, also those of BigDataViewer, ilastik, Imaris and netCDF-4. */
export const hdf5: SourceDriver<'hdf5'> = {
  api: 1,
  kind: 'hdf5',
  id: '@bioimage/hdf5',
  extensions: ['.h5', '.hdf5', '.hdf', '.ims', '.ilp'],
  writable: true,
  exclusiveWriter: true,
  layout: 'container',
  defaultInternalPath: 'data',
  schema: { followOutside: 'boolean', ignoreOpenForWriting: 'boolean', reference: 'json' },
  createSchema: { gzip: 'integer', shuffle: 'boolean' },
  sniff: { prefixBytes: 8, test: (prefix) => signature.every((byte, at) => prefix[at] === byte) },
  // A dataset of h5wasm.
  accepts: (handle) => 'type' in handle && handle.type === 'Dataset' && 'file_id' in handle && 'slice' in handle,
  load: () => import('./reader.js')
}
