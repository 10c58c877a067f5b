import { SourceError } from './errors.js'
import { isJsonObject, type Json, type JsonObject } from './json.js'

/**
 * A number of a JSON text that a JavaScript number may not hold: an integer beyond 2^53, or a bare `NaN` or `Infinity` as
 * Python writes them. Marked by a character that is no legal part of metadata.
 */
const mark = '\u0000number:'

/**
 * Parses a metadata document, in which bare `NaN` and `Infinity` may stand. Numbers of the member `exactMember` stay exact: those
 * that a JavaScript number cannot hold come as their text. Everywhere else numbers are plain numbers.
 *
 * @throws ERR_CORRUPT_DATA if the text is not a JSON object.
 */
export function parseDocument(bytes: Uint8Array, key: string, exactMember?: string): JsonObject {
  const text = new TextDecoder().decode(bytes)
  let parsed: unknown
  try {
    parsed = JSON.parse(markNumbers(text))
    // Fails for what nests too deeply for the stack.
    if (isJsonObject(parsed)) return revive(parsed, exactMember)
  } catch (cause) {
    throw new SourceError('ERR_CORRUPT_DATA', `${key} cannot be read as JSON: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause
    })
  }
  throw new SourceError('ERR_CORRUPT_DATA', `${key} is not a JSON object`)
}

/** Serialises a document; bigints become digits, numbers keep the sign of zero. */
export function formatDocument(document: Readonly<Record<string, unknown>>): Uint8Array {
  const numbers: string[] = []
  const text = JSON.stringify(
    document,
    (_, value: unknown) => {
      if (typeof value !== 'bigint' && !Object.is(value, -0)) return value
      numbers.push(typeof value === 'bigint' ? String(value) : '-0.0')
      return `${mark}${numbers.length - 1}`
    },
    2
  )
  const marked = new RegExp(`"${JSON.stringify(mark).slice(1, -1).replace(/\\/g, '\\\\')}(\\d+)"`, 'g')
  return new TextEncoder().encode(`${text.replace(marked, (_, index: string) => numbers[Number(index)] ?? 'null')}\n`)
}

/**
 * The members of a JSON object as texts, each as it stands there: for documents that are put together from others without a
 * change to any number or name.
 *
 * @throws ERR_CORRUPT_DATA if the text is not a JSON object.
 */
export function memberTexts(bytes: Uint8Array, key: string): Map<string, string> {
  parseDocument(bytes, key)
  const text = new TextDecoder().decode(bytes)
  const members = new Map<string, string>()
  let depth = 0
  let name: string | undefined
  let start = 0
  let string = ''
  for (const { 0: token, index } of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]/g)) {
    if (token === '{' || token === '[') depth++
    else if (token === '}' || token === ']') depth--
    else if (token.startsWith('"')) string = token
    else if (token === ':' && depth === 1) {
      name = String(JSON.parse(string))
      start = index + 1
    }
    if (name !== undefined && (depth === 0 || (depth === 1 && token === ','))) {
      // Without the indentation that `formatMembers` puts there.
      members.set(name, text.slice(start, index).trim().replaceAll('\n  ', '\n'))
      name = undefined
    }
  }
  return members
}

/** A JSON object of members that are texts already. */
export function formatMembers(members: Iterable<readonly [name: string, text: string]>): string {
  const lines = Array.from(members, ([name, text]) => `  ${JSON.stringify(name)}: ${text.replaceAll('\n', '\n  ')}`)
  return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n}`
}

/** Puts numbers that would be changed by `JSON.parse` into marked strings. */
function markNumbers(text: string): string {
  const token = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|-?Infinity|NaN/g
  return text.replace(token, (found) => {
    if (found.startsWith('"')) return found
    const isInteger = /^-?\d+$/.test(found)
    const changes = isInteger ? !Number.isSafeInteger(Number(found)) : !/\d/.test(found)
    return changes ? `"${JSON.stringify(mark).slice(1, -1)}${found}"` : found
  })
}

function revive(object: JsonObject, exactMember: string | undefined, exact = false): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [name, reviveValue(value ?? null, exactMember, exact || name === exactMember)])
  )
}

function reviveValue(value: Json, exactMember: string | undefined, exact: boolean): Json {
  if (typeof value === 'string' && value.startsWith(mark)) return exact ? value.slice(mark.length) : Number(value.slice(mark.length))
  if (Array.isArray(value)) return value.map((item: Json) => reviveValue(item, exactMember, exact))
  return isJsonObject(value) ? revive(value, exactMember, exact) : value
}
