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
