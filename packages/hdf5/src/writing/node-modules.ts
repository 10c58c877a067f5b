import { unsupported } from '../structure/structure-reader.js'

interface NodeModules {
  'node:fs/promises': typeof import('node:fs/promises')
  'node:os': typeof import('node:os')
  'node:worker_threads': typeof import('node:worker_threads')
}

/**
 * A built-in module of Node, found at run time so that bundles for browsers never see an import.
 *
 * @throws ERR_UNSUPPORTED elsewhere
 */
export function nodeModule<N extends keyof NodeModules>(name: N, purpose: string): NodeModules[N] {
  const process: { getBuiltinModule?: (name: string) => NodeModules[N] | undefined } | undefined = globalThis.process
  const module = process?.getBuiltinModule?.(name)
  if (module === undefined) throw unsupported(`${purpose} needs Node; in a browser HDF5 files are read only, and virtual datasets are not`)
  return module
}
