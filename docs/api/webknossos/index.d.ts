/// <reference lib="esnext.disposable" />
import { WebknossosLayerOptions, WebknossosSource } from './driver.js';
export { WebknossosParams, WebknossosSpec, WkwParams, WkwSource, WkwSpec, webknossos, wkw } from './driver.js';
import { Context } from '@bioimage/core';

/** How to reach a dataset. */
interface WebknossosOptions {
	/** Organization of a dataset that is named and not given by its id. */
	readonly organizationId?: string | undefined;
	/** The server of names and ids. Defaults to https://webknossos.org. */
	readonly webknossosUrl?: string | undefined;
	/** See {@link WebknossosLayerOptions.datastoreUrl}. */
	readonly datastoreUrl?: string | undefined;
	/**
	* Tokens are its `credentials`: `webknossos:HOST` is sent to that server and the stores that it names, `webknossos` to
	* webknossos.org.
	*/
	readonly context?: Context | undefined;
	readonly signal?: AbortSignal | undefined;
}
/** What to open of a dataset. */
interface OpenWebknossosOptions extends WebknossosOptions, Omit<WebknossosLayerOptions, keyof WebknossosOptions> {}
/**
* Opens a layer of a dataset or annotation: by a URL as it is copied from the browser, by name or id, or by its folder.
*
* @throws ERR_NOT_FOUND (a dataset, layer or magnification; the message lists the choices), ERR_ACCESS_DENIED,
*   ERR_ARRAY_NOT_CHOSEN (a dataset of several layers), ERR_INVALID_ARGUMENT, ERR_UNSUPPORTED, ERR_IO.
*/
declare function openWebknossos(datasetNameOrUrl: string | URL, options?: OpenWebknossosOptions): Promise<WebknossosSource>;
/** Names of the layers of a dataset or annotation, in alphabetical order. Throws as {@link openWebknossos} does. */
declare function listLayers(datasetNameOrUrl: string | URL, options?: WebknossosOptions): Promise<readonly string[]>;
/**
* Magnifications of a layer, the finest first, such as `["1", "2-2-1"]`.
*
* @throws ERR_NOT_FOUND, and as {@link openWebknossos} does.
*/
declare function listMags(datasetNameOrUrl: string | URL, layerName: string, options?: WebknossosOptions): Promise<readonly string[]>;

export { type OpenWebknossosOptions, WebknossosLayerOptions, type WebknossosOptions, WebknossosSource, listLayers, listMags, openWebknossos };
