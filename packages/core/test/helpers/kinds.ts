import type { Source, SpecBase } from '../../src/index.js'

/** What a backend adds to `SourceKinds`. */
export interface MadeUpKind {
  readonly spec: SpecBase<'made-up'> & { readonly path: string; readonly params?: { readonly level?: number } }
  readonly source: Source & { readonly level: number }
}

declare module '../../src/index.js' {
  interface SourceKinds {
    'made-up': MadeUpKind
    'made-up-too': { spec: SpecBase<'made-up-too'>; source: Source }
  }
}
