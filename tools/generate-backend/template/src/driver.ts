import type { Source, SourceDriver, SpecBase } from '@bioimage/core'

/** Spec of a __TITLE__ file. */
export interface __TYPE__Spec extends SpecBase<'__KIND__'> {
  readonly path: string
}

/** A __TITLE__ file. */
export interface __TYPE__Source extends Source {
  readonly kind: '__KIND__'
}

declare module '@bioimage/core' {
  interface SourceKinds {
    __KEY__: { spec: __TYPE__Spec; source: __TYPE__Source }
  }
}

/** Driver of __TITLE__: what is known before the reader is loaded. */
export const __IDENTIFIER__: SourceDriver<'__KIND__'> = {
  api: 1,
  kind: '__KIND__',
  id: '__PACKAGE__',
  extensions: ['__EXTENSION__'],
  writable: false,
  layout: 'file',
  defaultInternalPath: 'data',
  schema: {},
  sniff: { prefixBytes: 4, test: (prefix) => String.fromCharCode(...prefix.subarray(0, 4)) === 'VOL1' },
  load: () => import('./reader.js')
}
