import type { OpenRequest, SourceDriver } from './driver.js'
import { SourceError, withDetails } from './errors.js'
import type { Registry } from './registry.js'
import type { Source } from './source.js'

/** Opens by a backend, once it is sure that it can do what is asked. */
export async function openWith(driver: SourceDriver, registry: Registry, request: OpenRequest): Promise<Source> {
  const { defaultInternalPath, layout } = driver
  if (
    layout === 'file' &&
    request.internalPath !== undefined &&
    request.internalPath !== '' &&
    request.internalPath !== defaultInternalPath
  ) {
    throw new SourceError(
      'ERR_NOT_FOUND',
      `${request.location.path ?? 'the file'} holds one array${defaultInternalPath === undefined ? '' : `, ${JSON.stringify(defaultInternalPath)}`}; there is no ${JSON.stringify(request.internalPath)}`,
      {
        kind: driver.kind,
        path: request.location.path
      }
    )
  }
  if (request.mode !== 'r' && !driver.writable) {
    throw new SourceError('ERR_READ_ONLY', `${driver.id} opens files for reading only; leave out \`mode\``, {
      kind: driver.kind,
      path: request.location.path
    })
  }
  const reader = await registry.reader(driver)
  return guard(driver, request, () => reader.open(request))
}

/** Runs a backend's work; whatever it throws leaves as a SourceError with kind and path. */
export async function guard<T>(
  driver: SourceDriver,
  { location, signal }: Pick<OpenRequest, 'location' | 'signal'>,
  work: () => Promise<T> | undefined
): Promise<T> {
  try {
    const result = work()
    if (result === undefined) throw new SourceError('ERR_UNSUPPORTED', `${driver.id} cannot do this`)
    return await result
  } catch (error) {
    throw withDetails(error, 'ERR_IO', { kind: driver.kind, path: location.path }, signal)
  }
}
