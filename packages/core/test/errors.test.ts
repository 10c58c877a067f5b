import { inspect } from 'node:util'
import { describe, expect, test, vi } from 'vitest'
import {
  arraySource,
  createRegistry,
  createSource,
  type ErrorCode,
  fromSpec,
  httpStore,
  isAbort,
  isSourceError,
  memoryStore,
  openSource,
  parseSpec,
  registerSource,
  SourceError,
  withDetails,
  zeros,
  zipStore
} from '../src/index.js'
import { serve } from './helpers/http-server.js'
import { madeUpDriver } from './helpers/made-up-driver.js'
import { temporaryFolder } from './helpers/temporary-folder.js'

describe('SourceError', () => {
  test('holds its code, kind, path and cause, and is an Error', () => {
    const cause = new Error('below')
    const error = new SourceError('ERR_CORRUPT_DATA', 'it is damaged', { kind: 'x', path: '/a', cause })
    expect(error).toBeInstanceOf(Error)
    expect({ ...error }).toMatchObject({ name: 'SourceError', code: 'ERR_CORRUPT_DATA', kind: 'x', path: '/a' })
    expect([error.message, error.cause]).toEqual(['it is damaged', cause])
    expect('cause' in new SourceError('ERR_IO', 'x')).toBe(false)
  })
  test.each([
    ['https://user:secret@host/a', 'https://host/a'],
    ['https://secret@host/a', 'https://host/a'],
    ['https://host/a?X-Amz-Signature=secret', 'https://host/a'],
    ['https://host/a#access_token=secret', 'https://host/a'],
    ['s3://key:secret@bucket/a?token=secret&x=1', 's3://bucket/a'],
    ['HTTPS://user:secret@host', 'HTTPS://host'],
    ['precomputed://https://user:secret@host/a', 'precomputed://https://host/a'],
    ['precomputed://s3://https://user:secret@host/a?token=secret', 'precomputed://s3://https://host/a'],
    ['precomputed://https//user:secret@host/a', 'precomputed://https//host/a']
  ])('shows of %s what is no secret', (url, shown) => {
    const error = new SourceError('ERR_IO', `${url}: cannot read "${url}", or <${url}>, ${url}; that is all. ${url}.`, { path: url })
    expect(error.message).toBe(`${shown}: cannot read "${shown}", or <${shown}>, ${shown}; that is all. ${shown}.`)
    expect(error.path).toBe(shown)
    expect(inspect(error)).not.toContain('secret')
  })
  test('leaves paths and keys as they are', () => {
    for (const text of ['/a/b?c=1#d@e', 'C:\\data\\x@y?z', 'a/0.0@1', '50% of #1?']) {
      expect(new SourceError('ERR_IO', text, { path: text })).toMatchObject({ message: text, path: text })
    }
  })
})

describe('isSourceError', () => {
  test('tells codes apart', () => {
    const error = new SourceError('ERR_IO', 'x')
    expect([isSourceError(error), isSourceError(error, 'ERR_IO'), isSourceError(error, 'ERR_NOT_FOUND')]).toEqual([true, true, false])
  })
  test('knows the errors of another copy of this package', async () => {
    vi.resetModules()
    const copy = await import('../src/errors.js')
    expect(copy.SourceError).not.toBe(SourceError)
    const theirs = new copy.SourceError('ERR_NOT_FOUND', 'x')
    expect(theirs).not.toBeInstanceOf(SourceError)
    expect([isSourceError(theirs, 'ERR_NOT_FOUND'), copy.isSourceError(new SourceError('ERR_IO', 'x'), 'ERR_IO')]).toEqual([true, true])
  })
  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['text', 'ERR_IO'],
    ['another error with a code', Object.assign(new Error('x'), { code: 'ERR_IO', name: 'SourceError' })],
    ['an object', { code: 'ERR_IO' }]
  ])('is not taken in by %s', (_, value) => {
    expect(isSourceError(value)).toBe(false)
  })
})

describe('withDetails', () => {
  const details = { kind: 'x', path: '/a' }
  test('makes a SourceError of any other, which stays its cause', () => {
    for (const cause of [new RangeError('too far'), 'too far']) {
      expect(withDetails(cause, 'ERR_IO', details)).toMatchObject({ code: 'ERR_IO', message: 'too far', cause, ...details })
    }
  })
  test('adds what is missing and changes nothing else', () => {
    const whole = new SourceError('ERR_NOT_FOUND', 'm', { kind: 'y', path: '/b' })
    expect(withDetails(whole, 'ERR_IO', details)).toBe(whole)
    const half = new SourceError('ERR_NOT_FOUND', 'm', { path: '/b' })
    expect(withDetails(half, 'ERR_IO', details)).toMatchObject({ code: 'ERR_NOT_FOUND', message: 'm', kind: 'x', path: '/b', cause: half })
  })
  test('leaves aborts alone: those of any signal by name, those of this one by reason', () => {
    const plain = AbortSignal.abort()
    expect(withDetails(plain.reason, 'ERR_IO', details)).toBe(plain.reason)
    const reason = new Error('no longer wanted')
    expect(withDetails(reason, 'ERR_IO', details, AbortSignal.abort(reason))).toBe(reason)
    expect(withDetails(reason, 'ERR_IO', details, new AbortController().signal)).toMatchObject({ code: 'ERR_IO' })
    expect([isAbort(plain.reason), isAbort(reason), isAbort(reason, AbortSignal.abort(reason))]).toEqual([true, false, true])
  })
})

/** One way, of users, to every code there is: a new code is a type error here until it has one. */
const ways: Readonly<Record<ErrorCode, () => Promise<unknown>>> = {
  ERR_ACCESS_DENIED: async () => {
    const { url } = await serve((_, response) => response.writeHead(403).end())
    return httpStore(url).get('x')
  },
  ERR_ALREADY_EXISTS: async () => memoryStore([['x', new Uint8Array(1)]]).set?.('x', new Uint8Array(1), { ifAbsent: true }),
  ERR_ARRAY_NOT_CHOSEN: async () => {
    const open = async (): Promise<never> => {
      throw new SourceError('ERR_ARRAY_NOT_CHOSEN', 'choose "a" or "b"')
    }
    const registry = createRegistry([madeUpDriver('tree', { layout: 'container' }, { open }).driver])
    return openSource(memoryStore(), { format: 'tree', context: { registry } })
  },
  ERR_CLOSED: async () => {
    const source = arraySource(Uint8Array.of(1))
    await source.close()
    return source.get()
  },
  ERR_CONFLICT: async () => memoryStore([['a', Uint8Array.of(1)]]).set?.('a', Uint8Array.of(2), { ifRevision: 'another' }),
  ERR_CORRUPT_DATA: async () => zipStore(memoryStore([['', new Uint8Array(100)]])),
  ERR_DTYPE_MISMATCH: async () => arraySource(zeros([2], 'uint8')).set('...', Uint16Array.of(1, 2)),
  ERR_DUPLICATE_KIND: async () => {
    const { driver } = madeUpDriver('x')
    registerSource({ ...driver, id: 'another' }, createRegistry([driver]))
  },
  ERR_INCOMPATIBLE_DRIVER: async () => createRegistry([{ ...madeUpDriver('x').driver, api: 2 as 1 }]),
  ERR_INVALID_ARGUMENT: async () => openSource(''),
  ERR_INVALID_INDEX: async () => arraySource(Uint8Array.of(1)).get([1]),
  ERR_INVALID_SPEC: async () => parseSpec([]),
  ERR_IO: async () => {
    const { url } = await serve((_, response) => response.writeHead(400).end())
    return httpStore(url).get('x')
  },
  ERR_NOT_FOUND: async () => openSource(`${await temporaryFolder()}/missing`),
  ERR_NOT_SERIALIZABLE: async () => arraySource(Uint8Array.of(1)).toSpec(),
  ERR_READ_ONLY: async () => {
    const registry = createRegistry([madeUpDriver('x').driver])
    return createSource('a.x', { shape: [1], dtype: 'uint8', context: { registry } })
  },
  ERR_SHAPE_MISMATCH: async () => arraySource(zeros([2], 'uint8')).set('...', zeros([3], 'uint8')),
  ERR_TOO_LARGE: async () => zeros([2 ** 50], 'uint8'),
  ERR_UNKNOWN_FORMAT: async () => openSource(new Blob(['x']), { context: { registry: createRegistry() } }),
  ERR_UNKNOWN_KIND: async () => fromSpec({ kind: 'never heard of' } as unknown),
  ERR_UNSUPPORTED: async () => openSource('s3://bucket/x', { context: { registry: createRegistry() } })
}

test.each(Object.entries(ways))('%s is reached, with a message that says more than its code', async (code, way) => {
  const error = await way().then(
    () => expect.unreachable(`nothing failed for ${code}`),
    (error: unknown) => error
  )
  expect(isSourceError(error) ? error.code : error).toBe(code)
  expect(isSourceError(error) && error.message.length).toBeGreaterThan(10)
})
