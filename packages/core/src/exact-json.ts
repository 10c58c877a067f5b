import { SourceError } from './errors.js'
import { isJsonObject, type Json, type JsonObject, shortJson } from './json.js'

/**
 * A number of a JSON text that a JavaScript number may not hold: an integer beyond 2^53, or a bare `NaN` or `Infinity` as
 * Python writes them. Marked by a character that is no legal part of metadata.
 */
const mark = '\u0000number:'

/** Names the members whose numbers stay exact: wherever a member of that name is, or by the names that lead to it from the root. */
export type ExactMembers = string | ((names: readonly string[]) => boolean)

/** Bytes that a metadata document may have; what is parsed takes many times its length. */
export const maximalDocument: number = 64 << 20

/**
 * Parses a metadata document, in which bare `NaN` and `Infinity` may stand. Numbers of the members `exact`, and of what is in them, stay
 * exact: those that a JavaScript number cannot hold come as their text. Everywhere else numbers are plain numbers.
 *
 * @throws ERR_CORRUPT_DATA if the text is not a JSON object.
 */
export function parseDocument(bytes: Uint8Array, key: string, exact?: ExactMembers): JsonObject {
  const text = new TextDecoder().decode(bytes)
  let parsed: unknown
  try {
    parsed = JSON.parse(markNumbers(text))
    // Fails for what nests too deeply for the stack.
    if (isJsonObject(parsed)) return revive(parsed, exact)
  } catch (cause) {
    throw new SourceError('ERR_CORRUPT_DATA', `${key} cannot be read as JSON: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause
    })
  }
  throw new SourceError('ERR_CORRUPT_DATA', `${key} is not a JSON object`)
}

/** Serialises a document; bigints become digits, numbers keep the sign of zero, and those that are not finite stand bare, as Python writes them. */
export function formatDocument(document: Readonly<Record<string, unknown>>): Uint8Array {
  const numbers: string[] = []
  const text = JSON.stringify(
    document,
    (_, value: unknown) => {
      if (typeof value !== 'bigint' && (typeof value !== 'number' || (Number.isFinite(value) && !Object.is(value, -0)))) return value
      numbers.push(Object.is(value, -0) ? '-0.0' : String(value))
      return `${mark}${numbers.length - 1}`
    },
    2
  )
  const marked = new RegExp(`"${JSON.stringify(mark).slice(1, -1).replace(/\\/g, '\\\\')}(\\d+)"`, 'g')
  return new TextEncoder().encode(`${text.replace(marked, (_, index: string) => numbers[Number(index)] ?? 'null')}\n`)
}

/**
 * Whether every number of an attribute can be written with all its digits. An integer beyond 2^53 cannot: which one was meant is not to be
 * known from a JavaScript number.
 */
export function keepsDigits(value: Json): boolean {
  if (typeof value === 'number') return !Number.isInteger(value) || Number.isSafeInteger(value) || isWrittenAsFloat(value)
  if (Array.isArray(value)) return value.every(keepsDigits)
  return !isJsonObject(value) || Object.values(value).every((member) => keepsDigits(member ?? null))
}

/** @throws ERR_UNSUPPORTED naming the attribute of which digits would be lost. */
export function checkDigits(attributes: JsonObject): void {
  const name = Object.keys(attributes).find((name) => !keepsDigits(attributes[name] ?? null))
  if (name === undefined) return
  throw new SourceError(
    'ERR_UNSUPPORTED',
    `the attribute ${shortJson(name)} holds an integer beyond 2^53, of which a number does not keep every digit; leave it out, or give it as text`
  )
}

/** Numbers this large are written with an exponent. */
function isWrittenAsFloat(value: number): boolean {
  return Math.abs(value) >= 1e21
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

function revive(object: JsonObject, exact: ExactMembers | undefined, names: readonly string[] = [], isExact = false): JsonObject {
  const reviveMember = (name: string, value: Json): Json => {
    const path = [...names, name]
    return reviveValue(value, exact, path, isExact || (typeof exact === 'function' ? exact(path) : name === exact))
  }
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, reviveMember(name, value ?? null)]))
}

function reviveValue(value: Json, exact: ExactMembers | undefined, names: readonly string[], isExact: boolean): Json {
  if (typeof value === 'string' && value.startsWith(mark)) return isExact ? value.slice(mark.length) : Number(value.slice(mark.length))
  if (Array.isArray(value)) return value.map((item: Json) => reviveValue(item, exact, names, isExact))
  return isJsonObject(value) ? revive(value, exact, names, isExact) : value
}
