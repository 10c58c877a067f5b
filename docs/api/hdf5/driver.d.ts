/// <reference lib="esnext.disposable" />
import { SpecBase, JsonObject, Mode, Source, SourceDriver } from '@bioimage/core';

/// <reference lib="esnext.disposable" />

/** Options of an HDF5 source. */
interface Hdf5Params extends JsonObject {
	readonly mode?: Mode;
	/** Also follow links and raw files that lie outside the folder of the file. Defaults to false. */
	readonly followOutside?: boolean;
	/** Read a file that a writer has open, or did not close. Defaults to false. */
	readonly ignoreOpenForWriting?: boolean;
	/**
	* Where the chunks lie, as `exportReference` or kerchunk wrote it: a path or URL, or the JSON itself. The file is then not parsed.
	*/
	readonly reference?: string | JsonObject;
}
/** Spec of an HDF5 dataset: `path` is the file, `internalPath` the dataset in it. */
interface Hdf5Spec extends SpecBase<"hdf5"> {
	readonly path: string;
	readonly params?: Hdf5Params | undefined;
}
/** A dataset of an HDF5 file. `attrs` holds its attributes. */
interface Hdf5Source extends Source {
	readonly kind: "hdf5";
}
declare module "@bioimage/core" {
	interface SourceKinds {
		hdf5: {
			spec: Hdf5Spec;
			source: Hdf5Source;
		};
	}
}
/** Driver of HDF5 files, also those of BigDataViewer, ilastik, Imaris and netCDF-4. */
declare const hdf5: SourceDriver<"hdf5">;

export { type Hdf5Params, type Hdf5Source, type Hdf5Spec, hdf5 };
