/** Any value that survives `JSON.stringify` and `JSON.parse` unchanged. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject

/** A JSON object. An `undefined` member is one that `JSON.stringify` leaves out. */
export interface JsonObject {
  readonly [name: string]: Json | undefined
}

/** Whether `value` is a plain object, as `JSON.parse` makes them: not null, not an array, not a class instance. */
export function isJsonObject(value: unknown): value is JsonObject {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** A value as a short text for messages, whatever is in it and however much. */
export function shortJson(value: unknown): string {
  const limit = 80
  if (typeof value === 'string') return value.length > limit ? `${JSON.stringify(value.slice(0, limit))}…` : JSON.stringify(value)
  try {
    const text = JSON.stringify(value) ?? String(value)
    return text.length > limit ? `${text.slice(0, limit)}…` : text
  } catch {
    // Too deep for the stack, or a bigint.
    return typeof value === 'bigint' ? String(value) : `${Array.isArray(value) ? 'a list' : 'an object'} that nests too deeply to show`
  }
}
