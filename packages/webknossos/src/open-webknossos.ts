import { type ArrayInfo, type Context, listArrays, openSource, SourceError } from '@bioimage/core'
import type { WebknossosLayerOptions, WebknossosSource } from './driver.js'

/** How to reach a dataset. */
export interface WebknossosOptions {
  /** Organization of a dataset that is named and not given by its id. */
  readonly organizationId?: string | undefined
  /** The server of names and ids. Defaults to https://webknossos.org. */
  readonly webknossosUrl?: string | undefined
  /** See {@link WebknossosLayerOptions.datastoreUrl}. */
  readonly datastoreUrl?: string | undefined
  /**
   * Tokens are its `credentials`: `webknossos:HOST` is sent to that server and the stores that it names, `webknossos` to
   * webknossos.org.
   */
  readonly context?: Context | undefined
  readonly signal?: AbortSignal | undefined
}

/** What to open of a dataset. */
export interface OpenWebknossosOptions extends WebknossosOptions, Omit<WebknossosLayerOptions, keyof WebknossosOptions> {}

/**
 * Opens a layer of a dataset or annotation: by a URL as it is copied from the browser, by name or id, or by its folder.
 *
 * @throws ERR_NOT_FOUND (a dataset, layer or magnification; the message lists the choices), ERR_ACCESS_DENIED,
 *   ERR_ARRAY_NOT_CHOSEN (a dataset of several layers), ERR_INVALID_ARGUMENT, ERR_UNSUPPORTED, ERR_IO.
 */
export async function openWebknossos(datasetNameOrUrl: string | URL, options: OpenWebknossosOptions = {}): Promise<WebknossosSource> {
  const { webknossosUrl: _server, ...others } = options
  return openSource(targetOf(datasetNameOrUrl, options), { ...others, format: 'webknossos' })
}

/** Names of the layers of a dataset or annotation, in alphabetical order. Throws as {@link openWebknossos} does. */
export async function listLayers(datasetNameOrUrl: string | URL, options: WebknossosOptions = {}): Promise<readonly string[]> {
  const arrays = await arraysOf(datasetNameOrUrl, options)
  return [...new Set(arrays.map(({ internalPath }) => internalPath.split('/')[0] ?? ''))].sort()
}

/**
 * Magnifications of a layer, the finest first, such as `["1", "2-2-1"]`.
 *
 * @throws ERR_NOT_FOUND, and as {@link openWebknossos} does.
 */
export async function listMags(
  datasetNameOrUrl: string | URL,
  layerName: string,
  options: WebknossosOptions = {}
): Promise<readonly string[]> {
  const arrays = await arraysOf(datasetNameOrUrl, options)
  const mags = arrays.map(({ internalPath }) => internalPath.split('/')).filter(([layer]) => layer === layerName)
  if (mags.length === 0) {
    const known = [...new Set(arrays.map(({ internalPath }) => internalPath.split('/')[0]))].map((name) => JSON.stringify(name)).join(', ')
    throw new SourceError('ERR_NOT_FOUND', `the layer ${JSON.stringify(layerName)} is not available; choose one of ${known || 'none'}`)
  }
  const volume = (mag: string): number =>
    mag.split('-').reduce((product, factor) => product * Number(factor), mag.includes('-') ? 1 : Number(mag) ** 2)
  return mags.flatMap(([, mag]) => (mag === undefined ? [] : [mag])).sort((a, b) => volume(a) - volume(b))
}

function arraysOf(datasetNameOrUrl: string | URL, options: WebknossosOptions): Promise<readonly ArrayInfo[]> {
  const { webknossosUrl: _server, ...others } = options
  return listArrays(targetOf(datasetNameOrUrl, options), { ...others, format: 'webknossos' })
}

/** A path or URL. What is neither, and named as a dataset, is one of the server. */
function targetOf(nameOrUrl: string | URL, { organizationId, webknossosUrl = 'https://webknossos.org' }: WebknossosOptions): string | URL {
  if (nameOrUrl instanceof URL || /^[a-z][a-z0-9+.-]+:\/\//i.test(nameOrUrl)) return nameOrUrl
  const isId = /^[0-9a-f]{24}$/.test(nameOrUrl)
  if (!isId && (organizationId === undefined || nameOrUrl.includes('/'))) return nameOrUrl
  const parts = isId || organizationId === undefined ? [nameOrUrl] : [organizationId, nameOrUrl]
  return `${webknossosUrl.replace(/\/+$/, '')}/datasets/${parts.map(encodeURIComponent).join('/')}`
}
