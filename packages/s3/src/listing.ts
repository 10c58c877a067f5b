import type { StoreEntry } from '@bioimage/core'

/** One page of a listing. */
export interface ListingPage {
  readonly entries: readonly StoreEntry[]
  /** Asks for the next page; `undefined` on the last. */
  readonly next: string | undefined
}

/** Parses a reply of ListObjectsV2 with `encoding-type=url`: the objects and folders right below the prefix. */
export function parseListing(xml: string, prefix: string): ListingPage {
  const entries: StoreEntry[] = []
  for (const block of blocks(xml, 'CommonPrefixes')) {
    const name = decodeName(textOf(block, 'Prefix') ?? '')
      .slice(prefix.length)
      .replace(/\/$/, '')
    if (name !== '') entries.push({ name, folder: true })
  }
  for (const block of blocks(xml, 'Contents')) {
    const name = decodeName(textOf(block, 'Key') ?? '').slice(prefix.length)
    // Some tools store an empty object in place of a folder.
    if (name !== '' && !name.includes('/')) entries.push({ name, folder: false, size: Number(textOf(block, 'Size') ?? 0) })
  }
  const truncated = textOf(xml, 'IsTruncated') === 'true'
  return { entries, next: truncated ? unescapeXml(textOf(xml, 'NextContinuationToken') ?? '') : undefined }
}

/** The text of an element; `undefined` if there is none. */
export function textOf(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]
}

function blocks(xml: string, name: string): readonly string[] {
  return Array.from(xml.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, 'gs')), (match) => match[1] ?? '')
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
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16))
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal))
    return entities[name ?? ''] ?? whole
  })
}
