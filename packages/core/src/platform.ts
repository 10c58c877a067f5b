/** Node's built-in modules, where there are any: reached at run time, so that bundles for browsers never see an import. */
interface NodeModules {
  'node:buffer': typeof import('node:buffer')
  'node:fs': typeof import('node:fs')
  'node:os': typeof import('node:os')
  'node:path': typeof import('node:path')
  'node:url': typeof import('node:url')
  'node:zlib': typeof import('node:zlib')
}

/** A built-in module of Node; `undefined` in a browser. */
export function nodeModule<N extends keyof NodeModules>(name: N): NodeModules[N] | undefined {
  const process: { getBuiltinModule?: (name: string) => NodeModules[N] | undefined } | undefined = globalThis.process
  return process?.getBuiltinModule?.(name)
}
