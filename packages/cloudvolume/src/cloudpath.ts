import { SourceError } from '@bioimage/core'

const formatSuffix = '|neuroglancer-precomputed:'

/**
 * The place inside of a URL `precomputed://…`, with its whole query; `undefined` if there is none. The parser of URLs takes the inner
 * scheme for a host: `precomputed://gs://a/b` has the host `gs` and the path `//a/b`.
 */
export function placeInside({ protocol, hostname, pathname, search }: URL): string | undefined {
  return protocol === 'precomputed:' && pathname.startsWith('//') ? placeOfCloudpath(`${hostname}:${pathname}${search}`) : undefined
}

/**
 * The place that a cloudpath names, as `openSource` takes it: without the format in front (`precomputed://gs://bucket/layer`) or
 * behind (`gs://bucket/layer|neuroglancer-precomputed:`), without slashes at the end.
 *
 * @throws ERR_UNSUPPORTED for another format, ERR_INVALID_ARGUMENT for two formats or an empty path.
 */
export function placeOfCloudpath(cloudpath: string): string {
  let place = cloudpath
  if (place.endsWith(formatSuffix)) place = place.slice(0, -formatSuffix.length)
  else if (/\|[a-z0-9-]*:?$/i.test(place)) {
    throw new SourceError('ERR_UNSUPPORTED', `${cloudpath} names another format than ${formatSuffix}`, { path: cloudpath })
  }
  const format = /^([a-z0-9]+):\/\/(?=[a-z0-9+.-]+:\/\/)/i.exec(place)
  if (format !== null && format[1]?.toLowerCase() === 'precomputed') place = place.slice(format[0].length)
  else if (format !== null && format[1]?.toLowerCase() !== 's3' && format[1]?.toLowerCase() !== 'gs') {
    throw new SourceError('ERR_UNSUPPORTED', `${cloudpath} is of the format ${JSON.stringify(format[1])}, expected "precomputed"`, {
      path: cloudpath
    })
  }
  if (/^(gs|s3|[a-z0-9]+):\/\/precomputed:\/\//i.test(place) || /^(gs|s3|mem):\/\/\/*$/i.test(place))
    throw new SourceError('ERR_INVALID_ARGUMENT', `${cloudpath} is no cloudpath: expected [precomputed://]PROTOCOL://bucket/layer`, {
      path: cloudpath
    })
  return place.length > 1 ? place.replace(/(?<![:/])\/+$/, '') : place
}
