/// <reference lib="esnext.disposable" />
import { SpecBase, JsonObject, Mode, Source, SourceDriver } from '@bioimage/core';

/** Options of a WKW source. */
interface WkwParams extends JsonObject {
	readonly mode?: Mode;
	/**
	* Shape of the array, z, y, x and the channels where there are several. The format does not store it: defaults to what reaches
	* to the last file and to the bounding box of the layer, where the folder is part of a dataset.
	*/
	readonly shape?: readonly number[];
}
/** Spec of a WKW folder: `path` is a dataset or the folder itself, `internalPath` the folder in it. */
interface WkwSpec extends SpecBase<"wkw"> {
	readonly path: string;
	readonly params?: WkwParams | undefined;
}
/**
* One magnification of a layer, a folder with `header.wkw`. The axes are z, y, x, as stored, and then the channels where there are
* several. Element 0 is the origin of the dataset.
*/
interface WkwSource extends Source {
	readonly kind: "wkw";
}
declare module "@bioimage/core" {
	interface SourceKinds {
		wkw: {
			spec: WkwSpec;
			source: WkwSource;
		};
	}
}
/** Driver of WKW folders. */
declare const wkw: SourceDriver<"wkw">;

/// <reference lib="esnext.disposable" />

/** Options of a layer of a dataset. */
interface WebknossosLayerOptions {
	/** Organization of a dataset that is named and not given by its id. */
	readonly organizationId?: string;
	/** Needed where the dataset has several layers. */
	readonly layerName?: string;
	/** Magnification: a power of two, three (x, y, z), or a text such as `"2-2-1"`. Defaults to the finest. */
	readonly mag?: number | string | readonly number[];
	/** First voxel, in voxels of Mag(1), x, y, z. A multiple of the magnification. Defaults to that of the layer. */
	readonly offset?: readonly number[];
	/** Extent in voxels of Mag(1), x, y, z. A multiple of the magnification. Defaults to the rest of the layer. */
	readonly size?: readonly number[];
	/** The channel to show, from 0. Defaults to all: an axis before z where there are several. */
	readonly channel?: number;
	/** Positions along axes beside x, y, z and channel, such as `{ "t": 3 }`. Axes that it does not name are axes of the array. */
	readonly additionalCoordinates?: Readonly<Record<string, number>>;
	/** Name of an agglomerate mapping that the server applies to a segmentation. */
	readonly mapping?: string;
	/** Version of a volume annotation. Defaults to the newest. */
	readonly version?: number;
	/**
	* How voxels are fetched: `buckets` (default) gathers up to 128 cubes of 32 voxels into a request; `cuboid` asks for whole boxes, in
	* which servers give zeros for what they fail to read.
	*/
	readonly transport?: "buckets" | "cuboid";
	/** Address of the data store, for browsers of servers whose other routes allow no requests from other origins. */
	readonly datastoreUrl?: string;
}
/** The same, as they stand in a spec. */
interface WebknossosParams extends WebknossosLayerOptions, JsonObject {
	readonly mode?: Mode;
}
/** Spec of a layer: `path` is the URL of the dataset or annotation, or its folder. */
interface WebknossosSpec extends SpecBase<"webknossos"> {
	readonly path: string;
	readonly params?: WebknossosParams | undefined;
}
/**
* A layer of a dataset at one magnification. The axes are z, y, x, before them the channels and the additional axes where there are
* several; element `[i, j, k]` is the voxel of Mag(1) at `offset + [k, j, i] * mag`. Read-only.
*/
interface WebknossosSource extends Source {
	readonly kind: "webknossos";
	readonly layerName: string;
	readonly category: "color" | "segmentation";
	/** Factors along x, y and z. */
	readonly mag: readonly [x: number, y: number, z: number];
	/** First voxel, in voxels of Mag(1), x, y, z. */
	readonly offset: readonly number[];
	/** Extent, in voxels of Mag(1), x, y, z. */
	readonly extent: readonly number[];
	/** Largest id of a segmentation, where it is known. */
	readonly largestSegmentId: bigint | undefined;
}
declare module "@bioimage/core" {
	interface SourceKinds {
		webknossos: {
			spec: WebknossosSpec;
			source: WebknossosSource;
		};
	}
}
/** Driver of WEBKNOSSOS: remote datasets and annotations, and local dataset folders. */
declare const webknossos: SourceDriver<"webknossos">;

export { type WebknossosLayerOptions, type WebknossosParams, type WebknossosSource, type WebknossosSpec, type WkwParams, type WkwSource, type WkwSpec, webknossos, wkw };
