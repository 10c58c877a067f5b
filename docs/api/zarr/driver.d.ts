/// <reference lib="esnext.disposable" />
import { SpecBase, JsonObject, Mode, Source, SourceDriver } from '@bioimage/core';

/// <reference lib="esnext.disposable" />

/** Options of a Zarr source. */
interface ZarrParams extends JsonObject {
	readonly mode?: Mode;
	/** Separator of chunk keys, for v2 arrays whose `.zarray` does not name the one that they use. */
	readonly dimensionSeparator?: "." | "/";
	/** Store chunks that hold nothing but the fill value. Defaults to false. */
	readonly writeEmptyChunks?: boolean;
}
/** Spec of a Zarr array: `path` is the container, `internalPath` the array in it. */
interface ZarrSpec extends SpecBase<"zarr"> {
	readonly path: string;
	readonly params?: ZarrParams | undefined;
}
/** A Zarr array. */
interface ZarrSource extends Source {
	readonly kind: "zarr";
	readonly zarrFormat: 2 | 3;
}
declare module "@bioimage/core" {
	interface SourceKinds {
		zarr: {
			spec: ZarrSpec;
			source: ZarrSource;
		};
	}
}
/** Driver of Zarr v2 and v3: folders, buckets and zip files. */
declare const zarr: SourceDriver<"zarr">;

export { type ZarrParams, type ZarrSource, type ZarrSpec, zarr };
