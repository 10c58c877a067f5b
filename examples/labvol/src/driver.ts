import type { Source, SourceDriver, SpecBase } from '@bioimage/core'

/** Spec of a LabVol file. */
export interface LabvolSpec extends SpecBase<'labvol'> {
  readonly path: string
}

/** A LabVol file. `attrs` holds what its header notes about the recording. */
export interface LabvolSource extends Source {
  readonly kind: 'labvol'
}

declare module '@bioimage/core' {
  interface SourceKinds {
    labvol: { spec: LabvolSpec; source: LabvolSource }
  }
}

const magic = '{"labvol":'

/** Driver of LabVol: what is known before the reader is loaded. */
export const labvol: SourceDriver<'labvol'> = {
  api: 1,
  kind: 'labvol',
  id: 'bioimage-labvol',
  extensions: ['.labvol'],
  writable: true,
  layout: 'file',
  defaultInternalPath: 'data',
  schema: {},
  createSchema: { order: ['C', 'F'] },
  sniff: { prefixBytes: magic.length, test: (prefix) => String.fromCharCode(...prefix.subarray(0, magic.length)) === magic },
  load: () => import('./reader.js')
}
