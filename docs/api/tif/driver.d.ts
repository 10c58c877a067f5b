/// <reference lib="esnext.disposable" />
import { SpecBase, JsonObject, Source, SourceDriver } from '@bioimage/core';

/** Rules by which pages become an array, in the order in which they are tried. */
declare const seriesKinds: readonly ["shaped", "micromanager", "ome", "imagej", "plain"];
/** A rule by which pages become an array. */
type SeriesKind = (typeof seriesKinds)[number];

/// <reference lib="esnext.disposable" />

/** Options of a TIFF source. */
interface TifParams extends JsonObject {
	/** Number of the series, from 0. Defaults to 0. */
	readonly series?: number;
	/** Level of the pyramid; 0 is the finest, and the default. */
	readonly level?: number;
	/** Rule to read the file by, instead of the first that fits. */
	readonly seriesKind?: SeriesKind;
}
/** Spec of a TIFF file. */
interface TifSpec extends SpecBase<"tif"> {
	readonly path: string;
	readonly params?: TifParams | undefined;
}
/** A series of a TIFF file. */
interface TifSource extends Source {
	readonly kind: "tif";
	/** Letters of the axes as tifffile names them, such as `"TZCYX"`. */
	readonly axes: string;
	readonly seriesKind: SeriesKind;
	/** Gives up a file that is being created: nothing is left of it. Does nothing for a file that was opened. */
	discard(): Promise<void>;
}
declare module "@bioimage/core" {
	interface SourceKinds {
		tif: {
			spec: TifSpec;
			source: TifSource;
		};
	}
}
/** Driver of TIFF and BigTIFF files: ImageJ hyperstacks, OME-TIFF, Micro-Manager stacks and plain ones. */
declare const tif: SourceDriver<"tif">;

export { type SeriesKind, type TifParams, type TifSource, type TifSpec, tif };
