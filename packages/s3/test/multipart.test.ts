import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { putInParts } from '../src/multipart.js'
import { ObjectClient } from '../src/object-client.js'
import { type Answer, keys, serveObjects } from './helpers/object-server.js'

/** Puts two parts to a server that answers so, or loses its first reply to the request that joins them. */
const put = async ({ answer, losesReply = false }: { readonly answer?: Answer; readonly losesReply?: boolean } = {}) => {
  const server = await serveObjects(answer)
  let joins = 0
  server.loses = (request) => losesReply && isJoin(request) && joins++ === 0
  const credentials = { 's3.endpoint': server.endpoint, 's3.accessKeyId': keys.accessKeyId, 's3.secretAccessKey': keys.secretAccessKey }
  const client = await ObjectClient.open({ protocol: 's3', bucket: 'bucket', prefix: '', endpoint: undefined }, { credentials })
  const url = client.urlOf('a')
  const bytes = new Uint8Array(1005).fill(7, -10)
  const isStored = async (): Promise<boolean> => {
    const head = await client.fetch(url, { method: 'HEAD' })
    return head.headers.get('x-amz-meta-bioimage-write') === 'mine'
  }
  const headers = { 'x-amz-meta-bioimage-write': 'mine' }
  return { server, bytes, done: putInParts({ client, url, bytes, headers, signal: undefined, partBytes: 1000, isStored }) }
}

const isJoin = ({ method, url = '' }: IncomingMessage): boolean => method === 'POST' && url.includes('uploadId')

test('parts are joined to the object, also if the reply that says so is lost', async () => {
  for (const losesReply of [false, true]) {
    const { server, done, bytes } = await put({ losesReply })
    await done
    expect(server.objects.get('/bucket/a')?.bytes.equals(bytes)).toBe(true)
  }
})

test.each([
  ['an error', '<Error><Code>InternalError</Code></Error>', 'InternalError'],
  ['nothing', '', 'no result']
])('a success whose text is %s is none, and nothing is left', async (_, text, reason) => {
  const { server, done } = await put({
    answer(request, response) {
      if (isJoin(request)) response.end(text)
      return isJoin(request)
    }
  })
  await expect(done).rejects.toMatchObject({ code: 'ERR_IO', message: expect.stringContaining(reason) })
  expect(server.objects.size).toBe(0)
  expect(server.requests.at(-1)?.method).toBe('DELETE')
})
