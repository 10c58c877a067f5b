import { describe, expect, test } from 'vitest'
import { refuse, serveObjects } from './helpers/object-server.js'
import { revisionOf, storeOf } from './helpers/store-of.js'

const anonymous = (endpoint: string) => ({ credentials: { 's3.endpoint': endpoint, 's3.anonymous': 'true' } })

describe('403 for a chunk', () => {
  test.each(['InvalidObjectState', 'AllAccessDisabled', 'KMS.DisabledException', 'ExpiredToken', 'SignatureDoesNotMatch'])(
    '%s is an error, also for anonymous readers',
    async (code) => {
      const server = await serveObjects((_, response) => {
        refuse(response, 403, code)
        return true
      })
      for (const context of [{}, anonymous(server.endpoint)]) {
        const store = await storeOf(server, context)
        await expect(store.get('chunk', { chunk: true })).rejects.toMatchObject({
          code: 'ERR_ACCESS_DENIED',
          message: expect.stringContaining(code)
        })
      }
    }
  )
  test('AccessDenied, or nothing at all, is an absent chunk', async () => {
    const server = await serveObjects((_, response, count) => {
      if (count % 2 === 0) response.writeHead(403).end()
      else refuse(response, 403, 'AccessDenied')
      return true
    })
    for (const context of [{}, anonymous(server.endpoint)]) {
      const store = await storeOf(server, context)
      for (let turn = 0; turn < 2; turn++) expect(await store.get('chunk', { chunk: true })).toBeUndefined()
      await expect(store.get('info')).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED' })
    }
  })
  test('of an endless text is read no further than an error is long', async () => {
    let sent = 0
    const server = await serveObjects((_, response) => {
      response.writeHead(403)
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(1 << 16))) sent += 1 << 16
        if (!response.destroyed) response.once('drain', more)
      }
      more()
      return true
    })
    const store = await storeOf(server)
    await expect(store.get('chunk', { chunk: true })).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED' })
    expect(sent).toBeLessThan(64 << 20)
  })
})

describe('conditional writes', () => {
  test('are refused by a server that ignores conditions, which is tried without harm', async () => {
    const server = await serveObjects()
    server.conditions = false
    const store = await storeOf(server)
    await store.set?.('a', Uint8Array.of(1))
    const revision = await revisionOf(store, 'a')
    await expect(store.set?.('a', Uint8Array.of(2), { ifRevision: revision })).rejects.toMatchObject({
      code: 'ERR_UNSUPPORTED',
      message: expect.stringContaining('If-Match')
    })
    expect([...server.objects].map(([key, { bytes }]) => [key, [...bytes]])).toEqual([['/bucket/folder/a', [1]]])
    await store.set?.('a', Uint8Array.of(3))
    expect(await store.get('a')).toEqual(Uint8Array.of(3))
  })
  test('ask a bucket once whether it heeds them', async () => {
    const server = await serveObjects()
    const store = await storeOf(server)
    await store.set?.('a', Uint8Array.of(1), { ifAbsent: true })
    await expect(store.set?.('a', Uint8Array.of(1), { ifAbsent: true })).rejects.toMatchObject({ code: 'ERR_ALREADY_EXISTS' })
    const revision = await revisionOf(store, 'a')
    await store.set?.('a', Uint8Array.of(2), { ifRevision: revision })
    await expect(store.set?.('a', Uint8Array.of(9), { ifRevision: revision })).rejects.toMatchObject({ code: 'ERR_CONFLICT' })
    expect(server.requests.filter(({ url }) => url?.includes('__bioimage-'))).toHaveLength(1)
    expect(await store.get('a')).toEqual(Uint8Array.of(2))
  })
  test('are made where one may not list, and what is not there is forbidden', async () => {
    const server = await serveObjects((request, response) => {
      if (request.url?.includes('__bioimage-') !== true) return false
      refuse(response, 403, 'AccessDenied')
      return true
    })
    const store = await storeOf(server)
    await store.set?.('a', Uint8Array.of(1))
    await store.set?.('a', Uint8Array.of(2), { ifRevision: await revisionOf(store, 'a') })
    expect(await store.get('a')).toEqual(Uint8Array.of(2))
  })
  test('never go by a date', async () => {
    const server = await serveObjects((request, response) => {
      if (request.method !== 'GET') return false
      response.writeHead(200, { 'last-modified': 'Wed, 21 Oct 2015 07:28:00 GMT', 'content-length': 1 }).end('x')
      return true
    })
    const store = await storeOf(server)
    await expect(store.set?.('a', Uint8Array.of(1), { ifRevision: await revisionOf(store, 'a') })).rejects.toMatchObject({
      code: 'ERR_UNSUPPORTED',
      message: expect.stringContaining('ETag')
    })
    expect(server.objects.size).toBe(0)
  })
  test('and others wait while another operation is in the way', async () => {
    const server = await serveObjects((request, response, count) => {
      if (request.method !== 'PUT' || count > 1) return false
      refuse(response, 409, 'OperationAborted')
      return true
    })
    const store = await storeOf(server)
    await store.set?.('a', Uint8Array.of(1))
    expect(server.objects.size).toBe(1)
  })
})

test('a failure that may pass is tried again on one level', async () => {
  const server = await serveObjects((_, response) => {
    response.writeHead(503, { 'retry-after': '0' }).end()
    return true
  })
  const store = await storeOf(server)
  await expect(store.get('a')).rejects.toMatchObject({ code: 'ERR_IO' })
  expect(server.requests).toHaveLength(8)
})

test('a server that is silent is left after the time that the context gives', async () => {
  const server = await serveObjects((_, response, count) => {
    if (count === 1) return true
    response.writeHead(200).end('<ListBucketResult></ListBucketResult>')
    return true
  })
  const credentials = { 's3.endpoint': server.endpoint, 's3.anonymous': 'true' }
  const store = await storeOf(server, { credentials, timeoutMs: 100 })
  for await (const _ of store.list?.('') ?? []) throw new Error('the folder is empty')
  expect(server.requests).toHaveLength(2)
})
