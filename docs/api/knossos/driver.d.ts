/// <reference lib="esnext.disposable" />
import { SpecBase, Source, SourceDriver } from '@bioimage/core';

/// <reference lib="esnext.disposable" />

/** A spec of one magnification of a KNOSSOS data set: `path` is its folder or configuration, `internalPath` the folder of the magnification. */
interface KnossosSpec extends SpecBase<"knossos"> {
	readonly path: string;
}
/** One magnification of a KNOSSOS data set. Its axes are z, y, x; `attrs` holds the fields of the configuration. */
interface KnossosSource extends Source {
	readonly kind: "knossos";
}
declare module "@bioimage/core" {
	interface SourceKinds {
		knossos: {
			spec: KnossosSpec;
			source: KnossosSource;
		};
	}
}
/** Driver of KNOSSOS data sets. */
declare const knossos: SourceDriver<"knossos">;

export { type KnossosSource, type KnossosSpec, knossos };
