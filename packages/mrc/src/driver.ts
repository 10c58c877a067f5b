import type { Source, SourceDriver, SpecBase } from '@bioimage/core'

/** A spec of an MRC file. */
export interface MrcSpec extends SpecBase<'mrc'> {
  readonly path: string
}

/** An MRC file. `attrs` holds the header's fields by their names in MRC2014. */
export interface MrcSource extends Source {
  readonly kind: 'mrc'
  /** The bytes between header and data, of whatever kind `attrs.exttyp` names; empty if there are none. */
  extendedHeader(options?: { readonly signal?: AbortSignal | undefined }): Promise<Uint8Array>
  /** Gives up a file that is being created: nothing is left of it. Does nothing for a file that was opened. */
  discard(): Promise<void>
}

declare module '@bioimage/core' {
  interface SourceKinds {
    mrc: { spec: MrcSpec; source: MrcSource }
  }
}

/** Driver of MRC and CCP4 files, plain or compressed by gzip or bzip2. */
export const mrc: SourceDriver<'mrc'> = {
  api: 1,
  kind: 'mrc',
  id: '@bioimage/mrc',
  extensions: ['.mrc', '.rec', '.mrcs', '.map', '.st', '.ali', '.ccp4'].flatMap((name) => [name, `${name}.gz`, `${name}.bz2`]),
  writable: true,
  layout: 'file',
  defaultInternalPath: 'data',
  schema: {},
  createSchema: { statistics: 'boolean' },
  // "MAP " at byte 208. Compressed files are told by name.
  sniff: { prefixBytes: 212, test: (prefix) => [77, 65, 80, 32].every((byte, at) => prefix[208 + at] === byte) },
  load: () => import('./reader.js')
}
