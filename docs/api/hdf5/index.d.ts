/// <reference lib="esnext.disposable" />
export { Hdf5Params, Hdf5Source, Hdf5Spec, hdf5 } from './driver.js';
import { Context, Target } from '@bioimage/core';

/** A reference in the form of kerchunk, version 1: the documents of a Zarr v2 container, and where the chunks lie in the HDF5 file. */
interface Hdf5Reference {
	readonly version: 1;
	/**
	* By key of the container: a document or the bytes of a chunk as text (`base64:` before bytes), or path, offset and length of a
	* chunk.
	*/
	readonly refs: Readonly<Record<string, string | readonly [path: string, offset: number, length: number]>>;
	/** The file that is referred to, so that a reference of another state of it is refused. Other readers ignore this. */
	readonly bioimage: {
		readonly size: number;
	};
	readonly [other: string]: unknown;
}
/** Options of {@link exportReference}. */
interface ExportReferenceOptions {
	/** Dataset or group. Defaults to all datasets of the file. */
	readonly internalPath?: string | undefined;
	/** What the reference calls the file. Defaults to its absolute path or URL. */
	readonly path?: string | undefined;
	/** Chunks of up to so many bytes stand in the reference itself. Defaults to 0. */
	readonly inlineBytes?: number | undefined;
	readonly context?: Context | undefined;
	readonly signal?: AbortSignal | undefined;
}
/** What {@link exportReference} gives. */
interface ExportedReference {
	readonly reference: Hdf5Reference;
	/** Datasets that a reference cannot describe, such as texts and virtual datasets, and why. */
	readonly omitted: readonly {
		readonly internalPath: string;
		readonly reason: string;
	}[];
}
/**
* Writes the chunk indexes of a file as a reference, by which it opens again without parsing: as option `reference` of `openSource`,
* or in Python by fsspec's `ReferenceFileSystem` and zarr-python.
*
* @throws ERR_NOT_FOUND; ERR_UNSUPPORTED if `internalPath` is a dataset that a reference cannot describe; ERR_CORRUPT_DATA
*/
declare function exportReference(target: Target, options?: ExportReferenceOptions): Promise<ExportedReference>;

export { type ExportReferenceOptions, type ExportedReference, type Hdf5Reference, exportReference };
