/// <reference lib="esnext.disposable" />
import { SpecBase, Mode, JsonObject, Source, StoreDriver, SourceDriver } from '@bioimage/core';

/// <reference lib="esnext.disposable" />

/** Options of a precomputed volume, with the meaning and the defaults of the Python package. */
interface CloudvolumeOptions {
	readonly mode?: Mode;
	/** The scale: an index (negative ones count from the coarsest) or an exact resolution in nm, x y z. Defaults to 0, the finest. */
	readonly mip?: number | readonly number[];
	/** Chunks that are not stored read as `backgroundColor`. Defaults to false: they are an error. */
	readonly fillMissing?: boolean;
	/** A window that reaches outside the volume is an error. Defaults to true. */
	readonly bounded?: boolean;
	/** Cut a window to the volume instead. Defaults to false. */
	readonly autocrop?: boolean;
	/** Value of what is not stored. Defaults to 0. */
	readonly backgroundColor?: number;
	/**
	* Keep chunks of remote layers on disk: `true` for CloudVolume's folder of caches (`CLOUD_VOLUME_CACHE_DIR`, else
	* `~/.cloudvolume/cache`), or the path of another one. They are not asked for again, whatever happens to them at their source.
	* Defaults to false. (What is kept decoded in memory is the `cache` of the context.)
	*/
	readonly cache?: boolean | string;
	/** Bytes of files that the cache of this layer may take; the least recently used ones go. Defaults to 16 GiB. */
	readonly cacheBytes?: number;
	/** Allow writes that cover chunks in part. Defaults to true. */
	readonly nonAlignedWrites?: boolean;
	/** Do not store chunks of nothing but background, and remove those that become so. Defaults to false. */
	readonly deleteBlackUploads?: boolean;
	/** First voxel of the window, x y z, counted as in the volume (with its `voxel_offset`). Defaults to the volume's first. */
	readonly offset?: readonly number[];
	/** Voxels of the window, x y z. Defaults to what follows the offset. */
	readonly size?: readonly number[];
	/** The channel to show, as an array of three axes. Defaults to all: three axes where there is one channel, else channel first. */
	readonly channel?: number;
	/** Compression around written chunks: `true`, `false` or `gzip`, `br`, `zstd`. Defaults to gzip where the encoding does not compress. */
	readonly compress?: boolean | string;
	/** Level of that compression. Defaults to 5 for gzip. */
	readonly compressLevel?: number;
	/** `Cache-Control` of stored objects: seconds, `true` (an hour), `false` (none), or the header itself. Defaults to an hour. */
	readonly cdnCache?: boolean | number | string;
}
/** The same, as they stand in a spec. */
interface CloudvolumeParams extends CloudvolumeOptions, JsonObject {}
/** Spec of a precomputed volume: `path` is the cloudpath, `internalPath` the key of a scale, instead of `params.mip`. */
interface CloudvolumeSpec extends SpecBase<"cloudvolume"> {
	readonly path: string;
	readonly params?: CloudvolumeParams | undefined;
}
/** A scale of a precomputed volume, or a window of it, with axes z, y, x, and the channel before them where there are several. */
interface CloudvolumeSource extends Source {
	readonly kind: "cloudvolume";
	/** Index of the scale. */
	readonly mip: number;
	/** Key of the scale, the name of its folder. */
	readonly scaleKey: string;
	/** Nanometres per voxel, x y z. */
	readonly resolution: readonly [number, number, number];
	/** Position of the first voxel in the volume, x y z. */
	readonly voxelOffset: readonly [number, number, number];
}
declare module "@bioimage/core" {
	interface SourceKinds {
		cloudvolume: {
			spec: CloudvolumeSpec;
			source: CloudvolumeSource;
		};
	}
}
/** Driver of Neuroglancer precomputed volumes. */
declare const cloudvolume: SourceDriver<"cloudvolume">;
/** Opens cloudpaths with a format in front, such as `precomputed://gs://bucket/layer`, and those in memory, `mem://bucket/layer`. */
declare const cloudpathStores: StoreDriver;

export { type CloudvolumeOptions, type CloudvolumeParams, type CloudvolumeSource, type CloudvolumeSpec, cloudpathStores, cloudvolume };
