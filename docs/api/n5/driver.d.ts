/// <reference lib="esnext.disposable" />
import { SpecBase, JsonObject, Mode, Source, SourceDriver } from '@bioimage/core';

/// <reference lib="esnext.disposable" />

/** Options of an N5 source. */
interface N5Params extends JsonObject {
	readonly mode?: Mode;
	/** Store blocks that hold nothing but zeros. Defaults to false: they are left out, and removed when they become zero. */
	readonly writeEmptyChunks?: boolean;
}
/** Spec of an N5 data set: `path` is the container, `internalPath` the data set in it. */
interface N5Spec extends SpecBase<"n5"> {
	readonly path: string;
	readonly params?: N5Params | undefined;
}
/** An N5 data set. Its axes are those of the format reversed (z, y, x); `attrs` are as stored (x, y, z). */
interface N5Source extends Source {
	readonly kind: "n5";
}
declare module "@bioimage/core" {
	interface SourceKinds {
		n5: {
			spec: N5Spec;
			source: N5Source;
		};
	}
}
/** Driver of N5: folders, buckets and zip files. */
declare const n5: SourceDriver<"n5">;

export { type N5Params, type N5Source, type N5Spec, n5 };
