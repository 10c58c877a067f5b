import type { Source, SourceDriver, SpecBase } from '@bioimage/core'

/** A spec of a NIfTI file. */
export interface NiftiSpec extends SpecBase<'nifti'> {
  readonly path: string
}

/** A header extension: what other programs keep between header and voxels. */
export interface NiftiExtension {
  /** Registered code of what it holds: 2 DICOM, 4 AFNI (XML), 6 comment, 32 CIFTI (XML). */
  readonly ecode: number
  readonly bytes: Uint8Array
}

/**
 * A NIfTI image. `attrs` holds the header's fields by their names in `nifti1.h`; `dtype` is that of reads, which are scaled, and
 * `attrs.datatype` the code of what is stored.
 */
export interface NiftiSource extends Source {
  readonly kind: 'nifti'
  /** The extensions of the header, whole; empty if there are none. */
  extensions(options?: { readonly signal?: AbortSignal | undefined }): Promise<readonly NiftiExtension[]>
  /**
   * The checkpoints of a `.nii.gz`, for the option `gzipIndex`: with them, a source needs no pass over the file before reading at random
   * places. Decompresses what no read has passed yet. Empty for a file that is not compressed.
   */
  gzipIndex(options?: { readonly signal?: AbortSignal | undefined }): Promise<Uint8Array>
  /** Gives up a file that is being created: nothing is left of it. Does nothing for a file that was opened. */
  discard(): Promise<void>
}

declare module '@bioimage/core' {
  interface SourceKinds {
    nifti: { spec: NiftiSpec; source: NiftiSource }
  }
}

const magics = ['n+1\0', 'ni1\0', 'n+2\0', 'ni2\0']

/** Driver of NIfTI-1 and NIfTI-2, as one file or a pair, plain or compressed by gzip. */
export const nifti: SourceDriver<'nifti'> = {
  api: 1,
  kind: 'nifti',
  id: '@bioimage/nifti',
  extensions: ['.nii', '.hdr', '.img'].flatMap((name) => [name, `${name}.gz`]),
  writable: true,
  layout: 'file',
  defaultInternalPath: 'data',
  schema: { scaled: 'boolean', dtype: ['float32', 'float64'], gzipIndex: 'string' },
  createSchema: { level: 'integer' },
  // The magic of NIfTI-1 and of NIfTI-2. Compressed files are told by name.
  sniff: {
    prefixBytes: 348,
    test: (prefix) => magics.includes(latin1(prefix, 344)) || (magics.includes(latin1(prefix, 4)) && latin1(prefix, 8) === '\r\n\x1a\n')
  },
  load: () => import('./reader.js')
}

function latin1(bytes: Uint8Array, offset: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + 4))
}
