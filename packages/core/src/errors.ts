/**
 * Every code a {@link SourceError} can carry. They are part of the public contract: a code is never renamed, and each is
 * described in `docs/errors.md`.
 */
export type ErrorCode =
  | 'ERR_ACCESS_DENIED'
  | 'ERR_ALREADY_EXISTS'
  | 'ERR_ARRAY_NOT_CHOSEN'
  | 'ERR_CLOSED'
  | 'ERR_CONFLICT'
  | 'ERR_CORRUPT_DATA'
  | 'ERR_DTYPE_MISMATCH'
  | 'ERR_DUPLICATE_KIND'
  | 'ERR_INCOMPATIBLE_DRIVER'
  | 'ERR_INVALID_ARGUMENT'
  | 'ERR_INVALID_INDEX'
  | 'ERR_INVALID_SPEC'
  | 'ERR_IO'
  | 'ERR_NOT_FOUND'
  | 'ERR_NOT_SERIALIZABLE'
  | 'ERR_READ_ONLY'
  | 'ERR_SHAPE_MISMATCH'
  | 'ERR_TOO_LARGE'
  | 'ERR_UNKNOWN_FORMAT'
  | 'ERR_UNKNOWN_KIND'
  | 'ERR_UNSUPPORTED'

/** What a {@link SourceError} knows beside its message. */
export interface ErrorDetails {
  /** Kind of the source concerned, such as `"zarr"`. */
  readonly kind?: string | undefined
  /** Path, URL or key of the object concerned. Never holds a credential. */
  readonly path?: string | undefined
  /** The error that led to this one. */
  readonly cause?: unknown
}

const brand: unique symbol = Symbol.for('@bioimage/core:error') as never

/** Cuts user, password and query out of every URL in a text: they may hold a token, and errors end up in logs. */
function withoutSecrets(text: string): string {
  if (!text.includes('://')) return text
  return text.replace(
    /([a-z][a-z0-9+.-]*:\/\/)([^\s"'<>]*)/gi,
    (_, scheme: string, rest: string) =>
      scheme +
      rest
        // Also where another scheme stands in front, as in `s3://https://server/bucket`; a parser of URLs takes its colon away.
        .replace(/^((?:[a-z][a-z0-9+.-]*:?\/\/)*)[^/?#]*@/i, '$1')
        // What ends a sentence stays.
        .replace(/[?#].*?([:,;.]?)$/, '$1')
  )
}

/** The one error of this library. Tell errors apart by `code`, through {@link isSourceError}; messages may change. */
export class SourceError extends Error {
  readonly code: ErrorCode
  readonly kind: string | undefined
  readonly path: string | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(withoutSecrets(message), details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'SourceError'
    this.code = code
    this.kind = details.kind
    this.path = details.path === undefined ? undefined : withoutSecrets(details.path)
    Object.defineProperty(this, brand, { value: true })
  }
}

/**
 * Whether `error` is a {@link SourceError}, with this code if one is given. It tests a brand and not the class, so that it
 * also recognises errors thrown by a second copy of this package.
 */
export function isSourceError(error: unknown, code?: ErrorCode): error is SourceError {
  if (typeof error !== 'object' || error === null || !(brand in error)) return false
  return code === undefined || ('code' in error && error.code === code)
}

/** That an object is not the one that was read. */
export function conflict(name: string): SourceError {
  return new SourceError('ERR_CONFLICT', `${name} was replaced by another writer meanwhile`)
}

/** Whether `error` is the reason of an abort: aborts are handed on as they are and never wrapped. */
export function isAbort(error: unknown, signal?: AbortSignal | undefined): boolean {
  if (signal?.aborted === true && error === signal.reason) return true
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'AbortError'
}

/**
 * Adds the kind and path to an error on its way up. Aborts (of this signal, if one is given) and errors that lack neither
 * pass unchanged; an error of a library or of the system becomes a {@link SourceError} with `code`.
 */
export function withDetails(
  error: unknown,
  code: ErrorCode,
  details: { readonly kind?: string | undefined; readonly path?: string | undefined },
  signal?: AbortSignal | undefined
): unknown {
  if (isAbort(error, signal)) return error
  if (isSourceError(error)) {
    const adds = (error.kind === undefined && details.kind !== undefined) || (error.path === undefined && details.path !== undefined)
    if (!adds) return error
    return new SourceError(error.code, error.message, {
      kind: error.kind ?? details.kind,
      path: error.path ?? details.path,
      cause: error.cause ?? error
    })
  }
  const message = error instanceof Error ? error.message : String(error)
  return new SourceError(code, message, { ...details, cause: error })
}
