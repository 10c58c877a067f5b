const shownInstead = '[secret]'
/** Shorter values of headers, such as `gzip`, would be found in any text. */
const shortestHeader = 6

/** Makes a text fit to be shown: without what was sent in confidence, which servers may repeat in what they answer. */
export type HideSecrets = (text: string) => string

/**
 * Hides a token, and values of headers: whole, and the words of them, such as what follows `Bearer`.
 *
 * @param token Of any length.
 */
export function hidingSecrets(token: string | undefined, headers: readonly string[]): HideSecrets {
  const words = headers.flatMap((value) => [value, ...value.split(/[\s,;=]+/)]).filter(({ length }) => length >= shortestHeader)
  const values = [...(token === undefined || token === '' ? [] : [token]), ...words]
  const written = new Set(values.flatMap((value) => [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)]))
  // The longest first: others may be parts of it.
  const secrets = [...written].sort((a, b) => b.length - a.length)
  return (text) => secrets.reduce((shown, secret) => shown.replaceAll(secret, shownInstead), text)
}

/** An error to be the cause of another; `undefined` where it says a secret. */
export function causeWithoutSecrets(error: unknown, hide: HideSecrets): unknown {
  const text = textOf(error, 8)
  return hide(text) === text ? error : undefined
}

/** Everything that an error and its causes say. */
function textOf(error: unknown, depth: number): string {
  if (!(error instanceof Error)) return String(error)
  return `${error.message}\n${error.stack ?? ''}\n${depth > 0 ? textOf(error.cause, depth - 1) : ''}`
}
