import type { Source, SourceDriver, SpecBase } from '@bioimage/core'
import { isImspectorArchive, isObf } from './magic.js'

/** A spec of one stack of an OBF file: `internalPath` is its name, its number, or `data` for all stacks. */
export interface MsrSpec extends SpecBase<'msr'> {
  readonly path: string
}

/** A stack of an OBF file, or all of them. `attrs` holds the fields of its header and footer by their names in the specification. */
export interface MsrSource extends Source {
  readonly kind: 'msr'
}

declare module '@bioimage/core' {
  interface SourceKinds {
    msr: { spec: MsrSpec; source: MsrSource }
  }
}

/** Driver of OBF, the container of Imspector: `.obf`, and `.msr`, which is the same. */
export const msr: SourceDriver<'msr'> = {
  api: 1,
  kind: 'msr',
  id: '@bioimage/msr',
  extensions: ['.msr', '.obf'],
  writable: false,
  layout: 'container',
  schema: { squeeze: 'boolean' },
  // The older container is told too: its reader says what it is.
  sniff: { prefixBytes: 4096, test: (prefix) => isObf(prefix) || isImspectorArchive(prefix) },
  load: () => import('./reader.js')
}
