import { SourceError, type StoreEntry } from '@bioimage/core'

/** One page of a listing. */
export interface ListingPage {
  readonly entries: readonly StoreEntry[]
  /** Parameter of the query that asks for the next page, and its value; `undefined` on the last. */
  readonly next: readonly [name: 'continuation-token' | 'marker', value: string] | undefined
}

/**
 * Parses a reply of ListObjectsV2, or of a server that knows only the first version: the objects and folders right below the prefix.
 *
 * @throws ERR_IO for what is no listing, is cut, or has a next page and does not say which.
 */
export function parseListing(xml: string, prefix: string): ListingPage {
  if (!xml.includes('<ListBucketResult') || !xml.includes('</ListBucketResult>'))
    throw new SourceError('ERR_IO', 'the server answers with something that is no whole listing')
  const decode = textOf(xml, 'EncodingType') === 'url' ? decodeName : unescapeXml
  const entries: StoreEntry[] = []
  for (const block of blocks(xml, 'CommonPrefixes')) {
    const name = decode(textOf(block, 'Prefix') ?? '')
      .slice(prefix.length)
      .replace(/\/$/, '')
    if (name !== '') entries.push({ name, folder: true })
  }
  for (const block of blocks(xml, 'Contents')) {
    const name = decode(textOf(block, 'Key') ?? '').slice(prefix.length)
    // Some tools store an empty object in place of a folder.
    if (name !== '' && !name.includes('/')) entries.push({ name, folder: false, size: Number(textOf(block, 'Size') ?? 0) })
  }
  if (textOf(xml, 'IsTruncated') !== 'true') return { entries, next: undefined }
  const token = textOf(xml, 'NextContinuationToken') ?? ''
  if (token !== '') return { entries, next: ['continuation-token', unescapeXml(token)] }
  const marker = textOf(xml, 'NextMarker') ?? ''
  if (marker !== '') return { entries, next: ['marker', decode(marker)] }
  throw new SourceError('ERR_IO', 'the server cuts the listing and gives neither NextContinuationToken nor NextMarker to go on with')
}

/** The text of an element; `undefined` if there is none. */
export function textOf(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]
}

/** The contents of all elements of that name. By searching for texts: a listing is long, and a regular expression may go through it again and again. */
function* blocks(xml: string, name: string): Generator<string> {
  const begin = `<${name}>`
  const end = `</${name}>`
  for (let at = xml.indexOf(begin); at >= 0; ) {
    const start = at + begin.length
    const stop = xml.indexOf(end, start)
    if (stop < 0) throw new SourceError('ERR_IO', `the server sends a damaged listing: <${name}> does not end`)
    yield xml.slice(start, stop)
    at = xml.indexOf(begin, stop)
  }
}

function decodeName(text: string): string {
  const plain = unescapeXml(text)
  try {
    return decodeURIComponent(plain.replaceAll('+', ' '))
  } catch {
    return plain
  }
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function unescapeXml(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|([a-z]+));/gi, (whole: string, hex?: string, decimal?: string, name?: string) => {
    const code = hex !== undefined ? Number.parseInt(hex, 16) : decimal !== undefined ? Number(decimal) : undefined
    if (code !== undefined) return code <= 0x10ffff ? String.fromCodePoint(code) : whole
    return entities[name ?? ''] ?? whole
  })
}
