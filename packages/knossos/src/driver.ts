import type { Source, SourceDriver, SpecBase, StoreEntry } from '@bioimage/core'
import { configurationNames } from './configuration-names.js'

/** A spec of one magnification of a KNOSSOS data set: `path` is its folder or configuration, `internalPath` the folder of the magnification. */
export interface KnossosSpec extends SpecBase<'knossos'> {
  readonly path: string
}

/** One magnification of a KNOSSOS data set. Its axes are z, y, x; `attrs` holds the fields of the configuration. */
export interface KnossosSource extends Source {
  readonly kind: 'knossos'
}

declare module '@bioimage/core' {
  interface SourceKinds {
    knossos: { spec: KnossosSpec; source: KnossosSource }
  }
}

/** Driver of KNOSSOS data sets. */
export const knossos: SourceDriver<'knossos'> = {
  api: 1,
  kind: 'knossos',
  id: '@bioimage/knossos',
  extensions: ['.k.toml', '.k.conf', '.pyk.conf', '.pyknossos.conf'],
  writable: false,
  layout: 'container',
  schema: {
    extension: 'string',
    dtype: ['uint8', 'uint16', 'uint32', 'uint64'],
    extent: ['grid', 'conf'],
    shape: 'integers',
    missing: ['zeros', 'error']
  },
  sniff: { markers: ['knossos.conf', 'mag1/knossos.conf'], folder: isKnossosFolder },
  load: () => import('./reader.js')
}

/** A folder of magnifications, or one with a configuration. */
function isKnossosFolder(entries: readonly StoreEntry[]): boolean {
  return entries.some(({ name, folder }) => (folder ? /^(.*_)?mag[1-9][0-9]*$/.test(name) : configurationNames.test(name)))
}
