// The buckets of the test server: a private one, and one that anybody may read and list; pages of every origin may ask.
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const { AwsClient } = await import(
  createRequire(fileURLToPath(new URL('../../packages/s3/package.json', import.meta.url))).resolve('aws4fetch')
)

const cors = `<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin>${['GET', 'HEAD', 'PUT', 'POST', 'DELETE']
  .map((method) => `<AllowedMethod>${method}</AllowedMethod>`)
  .join('')}<AllowedHeader>*</AllowedHeader>${['ETag', 'Content-Range', 'Content-Length', 'Content-Encoding']
  .map((header) => `<ExposeHeader>${header}</ExposeHeader>`)
  .join('')}</CORSRule></CORSConfiguration>`

const readable = (bucket) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: '*', Action: ['s3:GetObject'], Resource: [`arn:aws:s3:::${bucket}/*`] },
      { Effect: 'Allow', Principal: '*', Action: ['s3:ListBucket'], Resource: [`arn:aws:s3:::${bucket}`] }
    ]
  })

export const makeBuckets = async ({ endpoint, region, accessKeyId, secretAccessKey, privateBucket, publicBucket }) => {
  const client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: 8 })
  const put = async (path, body) => {
    const answer = await client.fetch(`${endpoint}/${path}`, { method: 'PUT', body })
    if (!answer.ok) throw new Error(`PUT ${path}: ${answer.status} ${await answer.text()}`)
  }
  for (const bucket of [privateBucket, publicBucket]) {
    await put(bucket, '')
    await put(`${bucket}?cors=`, cors)
  }
  await put(`${publicBucket}?policy=`, readable(publicBucket))
}
