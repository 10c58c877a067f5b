/** `bucket.s3.eu-west-1.amazonaws.com`: the bucket, and the server without it. */
const bucketBefore = /^(.+?)\.(s3(?:[.-][\w.-]+)?\.amazonaws\.com)$/
/** Longer names of hosts there are not. */
const longestHost = 253

/**
 * The URL `s3://https://SERVER/BUCKET/…` of a path `s3://SERVER/BUCKET/…`, as WEBKNOSSOS writes it: there, what has a dot or a port, and
 * `localhost`, is a server, also before a bucket with dots in its name. What else begins with `s3://` names its bucket first, and stays.
 */
export function objectStorageUrl(path: string): string {
  const [, host = '', rest = ''] = /^s3:\/\/([^/?#@]+)(\/.*)?$/is.exec(path) ?? []
  if (host === '' || host.length > longestHost) return path
  const [, bucket, server] = bucketBefore.exec(host) ?? []
  if (bucket !== undefined && server !== undefined) return `s3://https://${server}/${bucket}${rest}`
  const isServer = /[.]|:\d+$/.test(host) || host === 'localhost'
  return isServer ? `s3://https://${host}${rest}` : path
}
