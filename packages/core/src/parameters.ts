import { type ErrorCode, SourceError } from './errors.js'
import { isJsonObject, type JsonObject, shortJson } from './json.js'

/** Type of a backend's option. A list of strings means "one of these". `json` is any JSON value. */
export type ParameterType =
  | 'boolean'
  | 'integer'
  | 'integers'
  | 'json'
  | 'number'
  | 'numbers'
  | 'object'
  | 'string'
  | 'strings'
  | readonly string[]

/** The options of a backend that may stand in a spec, with their types. All are optional. */
export type ParameterSchema = Readonly<Record<string, ParameterType>>

/**
 * Checks options against a schema.
 *
 * @param subject What the options belong to, for the message.
 * @throws the given code for an unknown option or a value of the wrong type.
 */
export function checkParameters(params: JsonObject, schema: ParameterSchema, subject: string, code: ErrorCode): void {
  for (const [name, value] of Object.entries(params)) {
    const type = Object.hasOwn(schema, name) ? schema[name] : undefined
    if (type === undefined) {
      const known = Object.keys(schema)
      throw new SourceError(
        code,
        `${subject} has no option ${shortJson(name)}; ${known.length > 0 ? `it takes ${known.join(', ')}` : 'it takes none'}`
      )
    }
    if (value !== undefined && !hasType(value, type)) {
      const expected = typeof type === 'string' ? expectations[type] : `one of ${type.map((choice) => JSON.stringify(choice)).join(', ')}`
      throw new SourceError(code, `option ${JSON.stringify(name)} of ${subject} is ${expected}, found ${shortJson(value)}`)
    }
  }
}

const expectations: Readonly<Record<Extract<ParameterType, string>, string>> = {
  boolean: 'true or false',
  integer: 'an integer',
  integers: 'a list of integers',
  json: 'a JSON value',
  number: 'a finite number',
  numbers: 'a list of finite numbers',
  object: 'an object',
  string: 'a string',
  strings: 'a list of strings'
}

function hasType(value: unknown, type: ParameterType): boolean {
  if (typeof type !== 'string') return typeof value === 'string' && type.includes(value)
  switch (type) {
    case 'boolean':
    case 'string':
      return typeof value === type
    case 'integer':
      return Number.isSafeInteger(value)
    case 'number':
      return Number.isFinite(value)
    case 'integers':
      return Array.isArray(value) && value.every(Number.isSafeInteger)
    case 'numbers':
      return Array.isArray(value) && value.every(Number.isFinite)
    case 'strings':
      return Array.isArray(value) && value.every((item) => typeof item === 'string')
    case 'object':
      return isJsonObject(value)
    case 'json':
      return true
  }
}
