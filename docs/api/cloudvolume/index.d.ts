/// <reference lib="esnext.disposable" />
import { JsonObject, Context } from '@bioimage/core';
import { CloudvolumeOptions, CloudvolumeSource } from './driver.js';
export { CloudvolumeParams, CloudvolumeSpec, cloudpathStores, cloudvolume } from './driver.js';

/** Three numbers along x, y and z, in this order, as the format has them. */
type Triple = readonly [x: number, y: number, z: number];

/** Options of {@link addScale}. All triples are x, y, z. */
interface AddScaleOptions {
	/** How much coarser than the finest scale, such as `[2, 2, 1]`. */
	readonly factor: Triple;
	/** Defaults to the resolution. */
	readonly key?: string;
	/** Defaults to that of the finest scale. */
	readonly chunkSize?: Triple;
	/** Defaults to that of the finest scale. */
	readonly encoding?: string;
	/** Block size of the encoding compressed_segmentation. Defaults to that of the finest scale, else 8, 8, 8. */
	readonly compressedSegmentationBlockSize?: Triple;
	/** `true` for parameters that fit the size, or the member `sharding` itself. Defaults to false. */
	readonly sharding?: boolean | JsonObject;
	readonly context?: Context;
}
/**
* Adds an empty scale to a volume. Its size is that of the finest scale divided by the factor, rounded up; its offset is rounded down.
* Scales that others add at the same time stay.
*
* @returns The key of the new scale, for `internalPath`.
* @throws ERR_NOT_FOUND (no volume), ERR_ALREADY_EXISTS (a scale of that key), ERR_INVALID_ARGUMENT, ERR_READ_ONLY,
*   ERR_UNSUPPORTED (an encoding that is only read)
*/
declare function addScale(cloudpath: string, options: AddScaleOptions): Promise<string>;

/** Options of {@link openCloudvolume}, with the meaning and the defaults of the Python package. */
interface OpenCloudvolumeOptions extends CloudvolumeOptions {
	readonly context?: Context;
	readonly signal?: AbortSignal;
}
/**
* Opens a scale of a Neuroglancer precomputed volume, with axes z, y, x (channel first where there are several). It is writable
* where its place is and the scale is not locked, unless `mode` is `'r'`.
*
* @param cloudpath `[precomputed://]PROTOCOL://bucket/layer`, of the protocols gs, s3, http, https, file and mem, or a local path.
* @throws ERR_NOT_FOUND (no layer, no such scale), ERR_CORRUPT_DATA, ERR_UNSUPPORTED, ERR_INVALID_ARGUMENT.
*/
declare function openCloudvolume(cloudpath: string, options?: OpenCloudvolumeOptions): Promise<CloudvolumeSource>;

export { type AddScaleOptions, CloudvolumeOptions, CloudvolumeSource, type OpenCloudvolumeOptions, addScale, openCloudvolume };
