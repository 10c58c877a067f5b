interface NodeModules {
  'node:fs': typeof import('node:fs')
  'node:module': typeof import('node:module')
  'node:url': typeof import('node:url')
  'node:worker_threads': typeof import('node:worker_threads')
}

/** A built-in module of Node; `undefined` in a browser. */
export function nodeModule<N extends keyof NodeModules>(name: N): NodeModules[N] | undefined {
  const process: { getBuiltinModule?: (name: string) => NodeModules[N] | undefined } | undefined = globalThis.process
  return process?.getBuiltinModule?.(name)
}
