import type { ChunkCache } from './chunked/chunk-cache.js'
import type { Executor } from './chunked/executor.js'
import type { Registry } from './registry.js'

/**
 * What opens sources, apart from what a spec says: credentials, transport, caches, limits. Nothing of it ever enters a
 * spec. Everything has a default.
 */
export interface Context {
  /** Backends to choose from. Defaults to those of the process. */
  readonly registry?: Registry | undefined
  /** Transport of HTTP requests. Defaults to the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined
  /** Headers for requests to a URL, such as an authorization. A redirect to another origin is followed without them. */
  readonly headers?: ((url: URL) => Readonly<Record<string, string>>) | undefined
  /**
   * Parameters that are added to the query of requests to a URL, such as a token or the signature of a presigned URL. As the
   * headers, they go to the origin of that URL only: a redirect to another one is followed without them.
   */
  readonly query?: ((url: URL) => Readonly<Record<string, string>>) | undefined
  /**
   * Milliseconds without an answer or without further bytes after which a request is given up and tried again. Defaults to
   * 30 000.
   */
  readonly timeoutMs?: number | undefined
  /** Secrets for stores and servers, by a name that the backend documents. */
  readonly credentials?: Readonly<Record<string, string>> | undefined
  /** Cache of decoded chunks; `false` for none. Defaults to one of 128 MiB that the process shares. */
  readonly cache?: ChunkCache | false | undefined
  /** What runs the decoding. Defaults to the calling thread. */
  readonly executor?: Executor | undefined
  /** Requests in flight per read. Defaults to 8 for local and 32 for remote stores. */
  readonly concurrency?: number | undefined
}
