import type * as Zlib from 'node:zlib'

/** Node's zlib, or `undefined` in a browser. A static import would break bundles for browsers. */
export function nodeZlib(): typeof Zlib | undefined {
  return typeof process === 'undefined' ? undefined : process.getBuiltinModule?.('node:zlib')
}
