import { defineSource, type SourceDefinition } from '../../src/backend.js'
import type { DType, NdArray, Region, Source } from '../../src/index.js'

/** One call that reached the backend. */
export interface AccessCall {
  readonly method: 'read' | 'write'
  readonly region: Region
  readonly array: NdArray
  readonly signal: AbortSignal | undefined
}

/** A source whose backend only notes what it is asked. */
export function recordingSource<D extends DType>(
  shape: readonly number[],
  dtype: D,
  definition: Partial<SourceDefinition<D>> = {}
): { readonly source: Source<D>; readonly calls: AccessCall[] } {
  const calls: AccessCall[] = []
  const source = defineSource<D>({
    kind: 'recording',
    shape,
    dtype,
    writable: true,
    access: {
      async read(region, array, { signal }) {
        calls.push({ method: 'read', region, array, signal })
      },
      async write(region, array, { signal }) {
        calls.push({ method: 'write', region, array, signal })
      }
    },
    ...definition
  })
  return { source, calls }
}
