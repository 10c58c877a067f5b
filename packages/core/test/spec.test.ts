import { describe, expect, test } from 'vitest'
import { createRegistry, fromSpec, isSourceError, type Json, parseSpec, type SourceDriver } from '../src/index.js'
import { codeOf } from './helpers/code-of.js'
import { madeUpDriver } from './helpers/made-up-driver.js'
import { temporaryFile } from './helpers/temporary-folder.js'

const schema: SourceDriver['schema'] = {
  level: 'integer',
  scale: 'number',
  names: 'strings',
  order: ['C', 'F'],
  flag: 'boolean',
  free: 'json',
  table: 'object',
  label: 'string',
  counts: 'integers',
  sizes: 'numbers'
}
const registry = createRegistry([madeUpDriver('made-up', { schema }).driver])
const parse = (value: unknown): ReturnType<typeof parseSpec> => parseSpec(value, registry)
const fromText = (text: string): unknown => JSON.parse(text)

/** A value in so many lists. */
function nested(depth: number): unknown {
  return fromText('['.repeat(depth) + ']'.repeat(depth))
}

function wrappedIn(levels: number): string {
  return `${'{"kind":"made-up","wrapped":'.repeat(levels)}{"kind":"made-up"}${'}'.repeat(levels)}`
}

describe('a spec that is right', () => {
  test.each<[string, Json]>([
    ['with its kind alone', { kind: 'made-up' }],
    ['with everything', { kind: 'made-up', path: '/a/b c#?%.x', internalPath: 'd/ü', params: { level: 1 }, wrapped: { kind: 'made-up' } }],
    [
      'with every type of option',
      {
        kind: 'made-up',
        params: {
          level: -3,
          scale: 0.5,
          names: ['a', ''],
          order: 'F',
          flag: false,
          free: [null, { a: 1 }],
          table: { x: [] },
          label: '',
          counts: [],
          sizes: [1.5, -2]
        }
      }
    ],
    ['with a mode', { kind: 'made-up', params: { mode: 'r+' } }],
    ['with an empty path', { kind: 'made-up', path: '', internalPath: '' }]
  ])('%s comes back as it is', (_, spec) => {
    expect(parse(spec)).toEqual(spec)
    expect(parse(fromText(JSON.stringify(spec)))).toEqual(spec)
    expect(JSON.stringify(parse(parse(spec)))).toBe(JSON.stringify(spec))
  })
  test('may nest 32 levels deep', () => {
    expect(parse(fromText(wrappedIn(32)))).toEqual(fromText(wrappedIn(32)))
  })
})

describe('JSON that is no spec is refused', () => {
  test.each<[string, unknown]>([
    ['null', null],
    ['nothing', undefined],
    ['a string', '{"kind":"made-up"}'],
    ['a list', [{ kind: 'made-up' }]],
    ['a number', 7],
    ['an instance of a class', Object.assign(new Map(), { kind: 'made-up' })],
    ['no kind', {}],
    ['a kind that is a number', { kind: 7 }],
    ['an empty kind', { kind: '' }],
    ['a kind that is a list', { kind: ['made-up'] }],
    ['an unknown field', { kind: 'made-up', token: 'x' }],
    ['a field in the spelling of Python', { kind: 'made-up', internal_path: 'x' }],
    ['a path that is a number', { kind: 'made-up', path: 7 }],
    ['a path that is null', { kind: 'made-up', path: null }],
    ['a path with a NUL', { kind: 'made-up', path: '/a\0b' }],
    ['an internalPath that is a list', { kind: 'made-up', internalPath: ['a'] }],
    ['an internalPath with a NUL', { kind: 'made-up', internalPath: '\0' }],
    ['params that are a list', { kind: 'made-up', params: [] }],
    ['params that are null', { kind: 'made-up', params: null }],
    ['params that are text', { kind: 'made-up', params: 'level=1' }],
    ['an unknown option', { kind: 'made-up', params: { lever: 1 } }],
    ['an option of another type', { kind: 'made-up', params: { level: '1' } }],
    ['a fraction for an integer', { kind: 'made-up', params: { level: 1.5 } }],
    ['an integer that no number holds', { kind: 'made-up', params: { level: 2 ** 53 } }],
    ['an infinite number', { kind: 'made-up', params: { scale: Number.POSITIVE_INFINITY } }],
    ['a text that is no choice', { kind: 'made-up', params: { order: 'K' } }],
    ['a list with a wrong item', { kind: 'made-up', params: { names: ['a', 1] } }],
    ['a text for a list', { kind: 'made-up', params: { counts: 'abc' } }],
    ['a list for an object', { kind: 'made-up', params: { table: [] } }],
    ['an option that is null', { kind: 'made-up', params: { flag: null } }],
    ['a mode that replaces', { kind: 'made-up', params: { mode: 'w' } }],
    ['a wrapped spec that is none', { kind: 'made-up', wrapped: {} }],
    ['a wrapped spec that is null', { kind: 'made-up', wrapped: null }],
    ['a wrapped spec with an unknown field', { kind: 'made-up', wrapped: { kind: 'made-up', x: 1 } }],
    ['a field __proto__', fromText('{"kind":"made-up","__proto__":{"path":"/x"}}')],
    ['a kind from the prototype alone', fromText('{"__proto__":{"kind":"made-up"}}')],
    ['an option __proto__', fromText('{"kind":"made-up","params":{"__proto__":{"level":1}}}')],
    ['an option of every object', fromText('{"kind":"made-up","params":{"constructor":1,"toString":2}}')],
    ['33 levels', fromText(wrappedIn(33))],
    ['a hundred thousand levels', fromText(wrappedIn(100_000))],
    ['an option of a hundred thousand levels', { kind: 'made-up', params: { level: nested(100_000) } }]
  ])('%s', async (_, value) => {
    expect(await codeOf(() => parse(value))).toBe('ERR_INVALID_SPEC')
    expect(await codeOf(fromSpec(value, { registry }))).toBe('ERR_INVALID_SPEC')
  })
  test.each(['unknown', '__proto__', 'constructor', 'toString', 'MADE-UP', ' made-up'])('the unknown kind %s', async (kind) => {
    expect(await codeOf(() => parse({ kind }))).toBe('ERR_UNKNOWN_KIND')
    expect(await codeOf(() => parse({ kind: 'made-up', wrapped: { kind } }))).toBe('ERR_UNKNOWN_KIND')
    expect(await codeOf(fromSpec({ kind } as unknown, { registry }))).toBe('ERR_UNKNOWN_KIND')
  })
  test.each<[string, unknown]>([
    ['kind', { kind: 'k'.repeat(1e7) }],
    ['field', { kind: 'made-up', ['f'.repeat(1e7)]: 1 }],
    ['option', { kind: 'made-up', params: { ['o'.repeat(1e7)]: 1 } }],
    ['value', { kind: 'made-up', params: { level: 'v'.repeat(1e7) } }],
    ['mode', { kind: 'made-up', params: { mode: 'm'.repeat(1e7) } }]
  ])('a %s of ten million characters, in a message that one can read', (_, value) => {
    try {
      parse(value)
      expect.unreachable('it was taken')
    } catch (error) {
      expect(isSourceError(error)).toBe(true)
      if (isSourceError(error)) expect(error.message.length + (error.kind?.length ?? 0)).toBeLessThan(1000)
    }
  })
  test('and no prototype is ever changed', async () => {
    const hostile =
      '{"kind":"made-up","__proto__":{"polluted":1},"params":{"__proto__":{"polluted":1},"free":{"__proto__":{"polluted":1}}}}'
    await codeOf(() => parse(fromText(hostile)))
    const spec = parse(fromText('{"kind":"made-up","params":{"free":{"__proto__":{"polluted":1}}}}'))
    expect(JSON.stringify(spec)).toContain('polluted')
    expect('polluted' in {}).toBe(false)
  })
})

describe('fromSpec', () => {
  test('hands the backend what the spec says, and the source says the same', async () => {
    const { driver, opened } = madeUpDriver('made-up', { schema, writable: true, defaultInternalPath: 'data' })
    const path = await temporaryFile('x.made-up')
    const spec = { kind: 'made-up', path, internalPath: 'data', params: { level: 2, mode: 'r+' } }
    const source = await fromSpec(spec as unknown, { registry: createRegistry([driver]) })
    expect(opened).toMatchObject([{ internalPath: 'data', mode: 'r+', params: { level: 2 } }])
    expect(source.toSpec()).toEqual(spec)
  })
  test('needs a path, unless the backend opens specs itself', async () => {
    expect(await codeOf(fromSpec({ kind: 'made-up' } as unknown, { registry }))).toBe('ERR_INVALID_SPEC')
    const given: unknown[] = []
    const wrapper = madeUpDriver(
      'wrap',
      {},
      {
        fromSpec: async (spec) => {
          given.push(spec)
          throw new TypeError('enough')
        }
      }
    )
    const both = createRegistry([wrapper.driver, ...registry.drivers()])
    const spec = { kind: 'wrap', wrapped: { kind: 'made-up', path: '/x' } }
    await expect(fromSpec(spec as unknown, { registry: both })).rejects.toThrow('enough')
    expect(given).toEqual([spec])
  })
  test.each([
    ['leaves the container', { internalPath: '../x' }, 'ERR_INVALID_ARGUMENT'],
    ['is not there', { path: '/no/such/folder/x.made-up' }, 'ERR_NOT_FOUND'],
    ['is too long for any file system', { path: `/${'x'.repeat(1e6)}.made-up` }, 'ERR_IO'],
    ['has a scheme of which nothing is known', { path: 'gopher://x/y' }, 'ERR_UNSUPPORTED'],
    ['holds a password', { path: 'http://user:secret@127.0.0.1/x' }, 'ERR_INVALID_ARGUMENT'],
    ['writes what cannot be written', { params: { mode: 'r+' } }, 'ERR_READ_ONLY']
  ])('of a path that %s fails', async (_, changes, code) => {
    const path = await temporaryFile('x.made-up')
    expect(await codeOf(fromSpec({ kind: 'made-up', path, ...changes } as unknown, { registry }))).toBe(code)
  })
})
