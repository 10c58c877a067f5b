import { describe, expect, test } from 'vitest'
import { parseListing } from '../src/listing.js'
import { serveObjects } from './helpers/object-server.js'
import { storeOf } from './helpers/store-of.js'

const listing = (...parts: readonly string[]): string => `<?xml version="1.0"?><ListBucketResult>${parts.join('')}</ListBucketResult>`
const object = (key: string): string => `<Contents><Key>${key}</Key><Size>3</Size></Contents>`
const truncated = '<IsTruncated>true</IsTruncated>'

const namesOf = async (page: (query: URLSearchParams, count: number) => string): Promise<readonly string[]> => {
  const server = await serveObjects((request, response, count) => {
    response.end(page(new URL(request.url ?? '', 'http://server').searchParams, count))
    return true
  })
  const names: string[] = []
  for await (const { name } of (await storeOf(server)).list?.('') ?? []) names.push(name)
  return names
}

describe('a listing', () => {
  test('goes on by token, and by marker where the server knows only that', async () => {
    const names = await namesOf((query) => {
      if (query.get('continuation-token') === 'a&b') return listing(object('folder/2'), truncated, '<NextMarker>folder/2</NextMarker>')
      if (query.get('marker') === 'folder/2') return listing(object('folder/3'))
      return listing(object('folder/1'), truncated, '<NextContinuationToken>a&amp;b</NextContinuationToken>')
    })
    expect(names).toEqual(['1', '2', '3'])
  })
  test.each([
    ['without a way to go on', () => listing(object('folder/1'), truncated)],
    ['that goes in a circle', () => listing(object('folder/1'), truncated, '<NextContinuationToken>same</NextContinuationToken>')],
    ['that is cut', () => `<ListBucketResult>${object('folder/1')}`],
    ['that is none', () => '<html>Sign in</html>'],
    ['of an endless length', () => ' '.repeat(17 << 20)]
  ])('%s is an error', async (_, page) => {
    await expect(namesOf(page)).rejects.toMatchObject({ code: 'ERR_IO' })
  })
  test('has its names decoded only if the server says that they are encoded', async () => {
    expect(await namesOf(() => listing(object('folder/a+b%20c&amp;d')))).toEqual(['a+b%20c&d'])
    expect(await namesOf(() => listing('<EncodingType>url</EncodingType>', object('folder/a+b%20c')))).toEqual(['a b c'])
  })
  test('of hostile text is parsed in one pass', () => {
    const text = listing('<Contents>'.repeat(200_000))
    expect(() => parseListing(text, '')).toThrow('does not end')
    expect(parseListing(listing(`<Contents>${'<Key>'.repeat(200_000)}</Contents>`), '').entries).toEqual([])
  })
})
