/** Parameters that carry a credential wherever they are seen, in lower case and without `-` and `_`. */
const names: ReadonlySet<string> = new Set([
  'auth',
  'authorization',
  'awsaccesskeyid',
  'bearer',
  'credential',
  'credentials',
  'jwt',
  'key',
  'keypairid',
  'pass',
  'passwd',
  'policy',
  'pwd',
  'sas',
  'session',
  'sessionid',
  'sid',
  'sig',
  'hmac'
])

/** Ends of further names, such as `access_token`, `client_secret`, `api-key`. */
const ends = /(token|secret|password|signature|apikey|accesskey|authkey|privatekey)$/

/** Beginnings of the parameters of presigned URLs: of S3, of Google. Without their signature the others are of no use. */
const beginnings = /^(xamz|xgoog)/

/** Whether a parameter of that name is taken for a credential: a token, key, password, or part of a signature. */
export function isCredential(parameter: string): boolean {
  const name = parameter.toLowerCase().replace(/[-_]/g, '')
  return names.has(name) || ends.test(name) || beginnings.test(name)
}

/**
 * A URL that may be shown and handed on: without user, password, fragment, and the parameters of its query that are taken for
 * credentials. What else is in the query stays as it is: servers may need it.
 */
export function withoutCredentials(url: URL): URL {
  const shared = new URL(url)
  shared.username = ''
  shared.password = ''
  shared.hash = ''
  // Not by `searchParams.delete`, which would write the others anew.
  const kept = shared.search
    .slice(1)
    .split('&')
    .filter((part) => part !== '' && !isCredential(nameOf(part)))
  shared.search = kept.join('&')
  return shared
}

/** Whether a parameter of the query is taken for a credential. */
export function hasCredentials(url: URL): boolean {
  return Array.from(url.searchParams.keys()).some(isCredential)
}

/** The text of a URL, with what {@link withoutCredentials} takes away, and nothing else changed; any other text as it is. */
export function shareable(text: string): string {
  if (!URL.canParse(text)) return text
  const url = new URL(text)
  const shared = withoutCredentials(url)
  return shared.href === url.href ? text : shared.href
}

function nameOf(part: string): string {
  const [name = ''] = [...new URLSearchParams(part).keys()]
  return name
}
