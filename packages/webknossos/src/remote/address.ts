import { type Context, SourceError } from '@bioimage/core'

/** What a URL of WEBKNOSSOS names. */
export type Address = {
  /** Of the WEBKNOSSOS server, such as `https://webknossos.org`. */
  readonly origin: string
  /** From the query of the URL. Only for this server, never in a spec. */
  readonly sharingToken: string | undefined
} & (
  | { readonly kind: 'dataset'; readonly id: string }
  | { readonly kind: 'datasetName'; readonly organization: string | undefined; readonly name: string }
  | { readonly kind: 'annotation'; readonly id: string }
  | { readonly kind: 'shortLink'; readonly key: string }
)

/** The public server. */
export const publicServer = 'https://webknossos.org'

const id = /^[0-9a-f]{24}$/

/**
 * Reads a URL as it is copied from the browser: of a dataset by id (with or without a name before it), of an annotation, a short
 * link, or the older form with organization and name.
 *
 * @throws ERR_INVALID_ARGUMENT
 */
export function parseAddress(url: URL): Address {
  const server = { origin: url.origin, sharingToken: url.searchParams.get('token') ?? url.searchParams.get('sharingToken') ?? undefined }
  const [area, ...rest] = url.pathname.split('/').filter((part) => part !== '')
  // `view` is the page that shows what comes before it.
  const parts = rest.map((part) => decode(part, url))
  if (parts.length > 1 && (parts.at(-1) === 'view' || parts.at(-1) === 'edit')) parts.pop()
  const [first, second, ...others] = parts
  if (area === 'datasets' && first !== undefined && second === undefined) {
    // The name may hold dashes and be out of date.
    const last = first.slice(first.lastIndexOf('-') + 1)
    return id.test(last)
      ? { ...server, kind: 'dataset', id: last }
      : { ...server, kind: 'datasetName', organization: undefined, name: first }
  }
  if (area === 'datasets' && first !== undefined && second !== undefined && others.length === 0)
    return { ...server, kind: 'datasetName', organization: first, name: second }
  const annotation = area === 'annotations' ? (second ?? first) : undefined
  if (annotation !== undefined && others.length === 0 && id.test(annotation)) return { ...server, kind: 'annotation', id: annotation }
  if (area === 'links' && first !== undefined && second === undefined) return { ...server, kind: 'shortLink', key: first }
  throw new SourceError(
    'ERR_INVALID_ARGUMENT',
    `${url.origin}${url.pathname} names no dataset or annotation; expected https://HOST/datasets/NAME-ID, https://HOST/annotations/ID or https://HOST/links/KEY`
  )
}

/** The address of a dataset by what a user types: an id, or a name with its organization. */
export function addressOfName(nameOrId: string, organization: string | undefined, origin: string): Address {
  const server = { origin, sharingToken: undefined }
  if (id.test(nameOrId)) return { ...server, kind: 'dataset', id: nameOrId }
  return { ...server, kind: 'datasetName', organization, name: nameOrId }
}

/** The URL that opens the same again, without a token. */
export function urlOfAddress(address: Address): string {
  const { origin } = address
  switch (address.kind) {
    case 'dataset':
      return `${origin}/datasets/${address.id}/view`
    case 'annotation':
      return `${origin}/annotations/${address.id}`
    case 'shortLink':
      return `${origin}/links/${encodeURIComponent(address.key)}`
    case 'datasetName': {
      const parts = address.organization === undefined ? [address.name] : [address.organization, address.name]
      return `${origin}/datasets/${parts.map(encodeURIComponent).join('/')}`
    }
  }
}

/**
 * The token for a server: that of its URL, else the credential `webknossos:HOST`, else, for the public server alone, `webknossos`. A
 * credential names its host, so that a spec or URL from elsewhere leads no token to another server.
 */
export function tokenFor({ origin, sharingToken }: Address, context: Context): string | undefined {
  const { credentials = {} } = context
  const own = `webknossos:${new URL(origin).host}`
  if (sharingToken !== undefined && sharingToken !== '') return sharingToken
  if (Object.hasOwn(credentials, own)) return credentials[own]
  return origin === publicServer && Object.hasOwn(credentials, 'webknossos') ? credentials.webknossos : undefined
}

function decode(part: string, url: URL): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new SourceError('ERR_INVALID_ARGUMENT', `${url.origin}${url.pathname} is not a URL: ${part} is no valid escape`)
  }
}
