import { describe, expect, test } from 'vitest'
import { checkDigits, formatDocument, keepsDigits, parseDocument } from '../src/backend.js'
import type { Json } from '../src/index.js'
import { codeOf } from './helpers/code-of.js'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const format = (document: Readonly<Record<string, unknown>>): string =>
  new TextDecoder().decode(formatDocument(document)).replace(/\s/g, '')

describe('numbers of a document', () => {
  test('that are not finite are written as Python writes them, and read back', () => {
    const document = { a: Number.NaN, b: [Number.POSITIVE_INFINITY, { c: Number.NEGATIVE_INFINITY }], d: -0, e: 2n ** 64n - 1n, f: 'NaN' }
    expect(format(document)).toBe('{"a":NaN,"b":[Infinity,{"c":-Infinity}],"d":-0.0,"e":18446744073709551615,"f":"NaN"}')
    expect(parseDocument(formatDocument(document), 'x')).toEqual({ ...document, e: 2 ** 64 })
  })
  test('stay exact in members of one name, wherever they are', () => {
    const bytes = encode('{"id": 9007199254740993, "list": [{"id": [NaN, 1]}], "other": 9007199254740993}')
    expect(parseDocument(bytes, 'x', 'id')).toEqual({ id: '9007199254740993', list: [{ id: ['NaN', 1] }], other: 9007199254740992 })
  })
  test('stay exact in the members that are told by all names that lead to them', () => {
    const bytes = encode('{"id": 9007199254740993, "a": {"id": 9007199254740993, "b": [{"id": 9007199254740993}]}}')
    const exact = (names: readonly string[]): boolean => names.join('/') === 'a/id'
    expect(parseDocument(bytes, 'x', exact)).toEqual({
      id: 9007199254740992,
      a: { id: '9007199254740993', b: [{ id: 9007199254740992 }] }
    })
  })
})

test.each<[Json, boolean]>([
  [2 ** 53 - 1, true],
  [2 ** 53, false],
  [-(2 ** 64), false],
  [1e300, true],
  [Number.NaN, true],
  [Number.NEGATIVE_INFINITY, true],
  [0.5, true],
  ['9007199254740993', true],
  [[1, { a: [2 ** 60] }], false],
  [{ a: null, b: undefined, c: [true] }, true]
])('an attribute of %j keeps its digits: %s', async (value, kept) => {
  expect(keepsDigits(value)).toBe(kept)
  expect(await codeOf(() => checkDigits({ first: 1, value }))).toBe(kept ? undefined : 'ERR_UNSUPPORTED')
  if (!kept) expect(() => checkDigits({ first: 1, value })).toThrow('"value"')
})
