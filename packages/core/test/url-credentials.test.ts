import { describe, expect, test } from 'vitest'
import { createRegistry, fromSpec, memoryStore, openSource, resolveLocation } from '../src/index.js'
import { isCredential, withoutCredentials } from '../src/url-credentials.js'
import { sendProperly, serve } from './helpers/http-server.js'
import { rawDriver } from './helpers/raw-driver.js'

describe('withoutCredentials', () => {
  test.each([
    ['https://host/x.zarr', 'https://host/x.zarr'],
    ['https://host/x.zarr?version=3&file=a%2Fb+c', 'https://host/x.zarr?version=3&file=a%2Fb+c'],
    ['https://user:word@host/x.zarr?token=s#t', 'https://host/x.zarr'],
    ['https://host/x?a=1&access_token=s&b=2', 'https://host/x?a=1&b=2'],
    ['https://host/x?tok%65n=s&b=2', 'https://host/x?b=2'],
    [
      'https://b.s3.amazonaws.com/x?X-Amz-Algorithm=A&X-Amz-Credential=s&X-Amz-Date=d&X-Amz-Expires=9&X-Amz-Security-Token=s&X-Amz-SignedHeaders=h&X-Amz-Signature=s&versionId=7',
      'https://b.s3.amazonaws.com/x?versionId=7'
    ],
    ['https://storage/x?GoogleAccessId=me&Expires=9&Signature=s', 'https://storage/x?GoogleAccessId=me&Expires=9'],
    ['https://a.blob.core/x?sv=2022&se=2030&sp=r&sig=s', 'https://a.blob.core/x?sv=2022&se=2030&sp=r'],
    ['https://d.cloudfront.net/x?Policy=s&Signature=s&Key-Pair-Id=s', 'https://d.cloudfront.net/x']
  ])('%s', (url, expected) => {
    expect(withoutCredentials(new URL(url)).href).toBe(expected)
  })
  test.each(['key', 'api_key', 'X-Api-Key', 'client_secret', 'Password', 'id_token', 'auth', 'AWSAccessKeyId'])('%s is one', (name) => {
    expect(isCredential(name)).toBe(true)
  })
  test.each(['keyword', 'tokens', 'author', 'monkey', 'versionId', 'path', 'signed', 'format', 'zoom'])('%s is none', (name) => {
    expect(isCredential(name)).toBe(false)
  })
})

describe('a spec', () => {
  test('holds no credential of its URL, and is opened again with the context that has it', async () => {
    const { url, requests } = await serve((request, response) => {
      if (new URL(request.url ?? '', 'http://host').searchParams.get('token') !== 'secret') response.writeHead(401).end()
      else sendProperly(request, response, new Uint8Array(672))
    })
    const registry = createRegistry([rawDriver])
    const source = await openSource(`${url}/v.raw?version=3&token=secret`, { context: { registry, cache: false } })
    const spec = source.toSpec()
    expect(spec.path).toBe(`${url}/v.raw?version=3`)
    expect(JSON.stringify(spec)).not.toContain('secret')
    await expect(fromSpec(spec, { registry })).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED' })
    const again = await fromSpec(spec, { registry, query: () => ({ token: 'secret' }) })
    expect(again.shape).toEqual(source.shape)
    expect(again.toSpec()).toEqual(spec)
    expect(requests.at(-1)).toContain('/v.raw?version=3&token=secret')
  })
  test('of a store of another package holds none either', async () => {
    const registry = createRegistry([])
    registry.registerStore({
      id: 'made-up',
      schemes: ['made:'],
      open: async (url) => Object.defineProperty(memoryStore(), 'path', { value: url.href })
    })
    const location = await resolveLocation('made://user:secret@bucket/x?region=eu&secret=secret', { registry })
    expect(location.path).toBe('made://bucket/x?region=eu')
    expect(location.url?.href).toContain('secret=secret')
  })
})
