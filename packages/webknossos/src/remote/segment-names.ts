import { memoryStore, type Segment, SourceError, zipStore } from '@bioimage/core'
import { retry } from '@bioimage/core/backend'
import { type Connection, send } from './http.js'

/** The document of an annotation without its voxels is at most this long. */
const maximalDownload = 256 << 20

/**
 * The named segments of an annotation by volume layer, from its NML document: in a zip file, or as it is where there is no volume.
 *
 * @throws as `send`, ERR_CORRUPT_DATA
 */
export async function readSegmentNames(
  connection: Connection,
  url: URL,
  signal: AbortSignal | undefined
): Promise<ReadonlyMap<string, readonly Segment[]>> {
  const { bytes } = await retry(signal, () => send(connection, url, { maxBytes: maximalDownload, signal }))
  return parseSegmentNames(await nmlOf(bytes))
}

async function nmlOf(bytes: Uint8Array): Promise<string> {
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b) return new TextDecoder().decode(bytes)
  const zip = await zipStore(memoryStore([['', bytes]]))
  for await (const { name } of zip.list?.('') ?? []) {
    if (name.endsWith('.nml')) return new TextDecoder().decode(await zip.get(name))
  }
  throw new SourceError('ERR_CORRUPT_DATA', 'the download of the annotation holds no NML document')
}

/** The segments that have a name, by the name of their volume layer. */
export function parseSegmentNames(nml: string): ReadonlyMap<string, readonly Segment[]> {
  const layers = new Map<string, Segment[]>()
  let segments: Segment[] = []
  for (const [, tag, text = ''] of withoutComments(nml).matchAll(/<(volume|segment)((?:\s+[\w.:-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*\/?>/g)) {
    const { id, name } = attributesOf(text)
    if (tag === 'volume') {
      segments = []
      layers.set(name ?? '', segments)
    } else if (id !== undefined && /^\d{1,20}$/.test(id) && name !== undefined && name !== '') segments.push({ id, name })
  }
  return layers
}

/** A comment without an end takes the rest, as in XML. */
function withoutComments(nml: string): string {
  const parts: string[] = []
  let at = 0
  for (;;) {
    const start = nml.indexOf('<!--', at)
    if (start < 0) return parts.join('') + nml.slice(at)
    parts.push(nml.slice(at, start))
    const end = nml.indexOf('-->', start + 4)
    if (end < 0) return parts.join('')
    at = end + 3
  }
}

function attributesOf(text: string): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    Array.from(text.matchAll(/([\w.:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g), ([, name = '', double, single]) => [
      name,
      decodeEntities(double ?? single ?? '')
    ])
  )
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function decodeEntities(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi, (found, hexadecimal?: string, decimal?: string, name?: string) => {
    const code = hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16)
    if (name !== undefined) return Object.hasOwn(entities, name) ? (entities[name] ?? found) : found
    return code <= 0x10ffff ? String.fromCodePoint(code) : found
  })
}
