// In Chromium, from a page of another origin than the S3 server: run by `node tools/s3/run.mjs`, which starts it.
import { createSource, ndarray } from '@bioimage/core'
import { expect, inject, test } from 'vitest'
import { openCloudvolume } from '../../../packages/cloudvolume/src/index.js'
import '../../../packages/s3/src/index.js'

const { endpoint, region, accessKeyId, secretAccessKey, publicBucket, privateBucket } = inject('objectStorage')
const signed = {
  's3.endpoint': endpoint,
  's3.region': region,
  's3.accessKeyId': accessKeyId,
  's3.secretAccessKey': secretAccessKey
}
const anonymous = { 's3.endpoint': endpoint, 's3.anonymous': 'true' }
const data = Uint16Array.from({ length: 4096 }, (_, at) => at * 13)

test.each([
  ['plain', {}],
  ['sharded', { shards: [8, 8, 8] }]
])('a volume is written with keys, and read with and without, %s', async (name, layout) => {
  expect(location.origin).not.toBe(endpoint)
  const path = `s3://${publicBucket}/browser/${name}`
  const options = {
    format: 'cloudvolume',
    shape: [8, 8, 64],
    dtype: 'uint16',
    chunks: [4, 4, 4],
    overwrite: true,
    fillMissing: true,
    ...layout
  }
  const source = await createSource(path, { ...options, context: { credentials: signed } })
  await source.set([], ndarray(data, [8, 8, 64]))
  await source.set([3, 3, 3], 7)
  await source.close()
  const expected = data.slice()
  expected[(3 * 8 + 3) * 64 + 3] = 7
  for (const credentials of [signed, anonymous]) {
    const again = await openCloudvolume(path, { mode: 'r', context: { credentials } })
    expect((await again.get()).data).toEqual(expected)
    expect(await again.get([3, 3, 3])).toBe(7)
  }
})

test('a private bucket is closed to readers without keys', async () => {
  await expect(openCloudvolume(`s3://${privateBucket}/nothing`, { mode: 'r', context: { credentials: anonymous } })).rejects.toMatchObject({
    code: 'ERR_ACCESS_DENIED'
  })
})
