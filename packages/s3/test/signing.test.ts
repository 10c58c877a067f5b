import { resolveLocation } from '@bioimage/core'
import { describe, expect, test } from 'vitest'
import { keys, serveObjects } from './helpers/object-server.js'
import { signatureOf } from './helpers/sigv4.js'
import { storeOf } from './helpers/store-of.js'

describe('signatures', () => {
  test('of the test server are those that AWS publishes', () => {
    // "Signature Calculations for the Authorization Header", example GET Object.
    const headers = {
      host: 'examplebucket.s3.amazonaws.com',
      range: 'bytes=0-9',
      'x-amz-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      'x-amz-date': '20130524T000000Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature='
    }
    const url = new URL('https://examplebucket.s3.amazonaws.com/test.txt')
    expect(signatureOf({ method: 'GET', url, headers }, 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY')).toBe(
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41'
    )
  })
  test('are right for names of every sort', async () => {
    const server = await serveObjects()
    const store = await storeOf(server)
    for (const key of ['plain', 'a b+c%/ü?#.bin', "q'()*!~"]) {
      await store.set?.(key, Uint8Array.of(1, 2))
      expect(await store.get(key)).toEqual(Uint8Array.of(1, 2))
    }
    expect(server.requests.every(({ headers }) => headers.authorization?.includes(keys.accessKeyId))).toBe(true)
  })
})

describe('a server that the path names', () => {
  const isSigned = async (credentials: Readonly<Record<string, string>>): Promise<readonly unknown[]> => {
    const server = await serveObjects()
    const store = await storeOf(server, { credentials }, `s3://${server.endpoint}/bucket/folder`)
    await store.get('a').catch(() => {})
    return server.requests.map(({ headers }) => headers.authorization !== undefined || 'x-amz-security-token' in headers)
  }
  const unbound = { 's3.accessKeyId': keys.accessKeyId, 's3.secretAccessKey': keys.secretAccessKey, 's3.sessionToken': 'session' }

  test('gets no credentials of the context that are not bound to it', async () => {
    expect(await isSigned(unbound)).toEqual([false])
    expect(await isSigned({ 's3.bucket.accessKeyId': 'A', 's3.bucket.secretAccessKey': 'B' })).toEqual([false])
    expect(await isSigned({ ...unbound, 's3.endpoint': 'https://storage.example.org' })).toEqual([false])
  })
  test.each(['s3://https://user:hidden@server/bucket', 's3://user:hidden@bucket/a', 's3://https://user:hidden@/'])(
    'has no user name or password in front, and %s is not repeated',
    async (path) => {
      const error: unknown = await resolveLocation(path, {}).catch((reason: unknown) => reason)
      expect(error).toMatchObject({
        code: 'ERR_INVALID_ARGUMENT',
        message: expect.stringContaining('pass credentials through the context')
      })
      expect(String(error)).not.toContain('hidden')
    }
  )
  test('gets none of the environment', async () => {
    process.env.AWS_ACCESS_KEY_ID = keys.accessKeyId
    process.env.AWS_SECRET_ACCESS_KEY = keys.secretAccessKey
    try {
      expect(await isSigned({})).toEqual([false])
    } finally {
      delete process.env.AWS_ACCESS_KEY_ID
      delete process.env.AWS_SECRET_ACCESS_KEY
    }
  })
  test('gets those that the context binds to it', async () => {
    const server = await serveObjects()
    for (const credentials of [
      { [`s3.${server.endpoint}.accessKeyId`]: keys.accessKeyId, [`s3.${server.endpoint}.secretAccessKey`]: keys.secretAccessKey },
      { ...unbound, 's3.endpoint': `${server.endpoint}/` }
    ]) {
      const store = await storeOf(server, { credentials }, `s3://${server.endpoint}/bucket/folder`)
      await store.set?.('a', Uint8Array.of(1))
    }
  })
})

test('a bearer token is not sent in the clear, except to this machine', async () => {
  const server = await serveObjects((request, response) => {
    response.writeHead(request.headers.authorization === 'Bearer token' ? 200 : 403, { 'content-length': 0 }).end()
    return true
  })
  const gs = (endpoint: string) => storeOf(server, { credentials: { 'gs.endpoint': endpoint, 'gs.accessToken': 'token' } }, 'gs://bucket/x')
  expect(await (await gs(server.endpoint)).get('a')).toEqual(new Uint8Array(0))
  const sent = server.requests.length
  const clear = await gs('http://storage.invalid')
  await expect(clear.get('a')).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT', message: expect.stringContaining('https:') })
  expect(server.requests).toHaveLength(sent)
})
