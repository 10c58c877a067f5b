/// <reference lib="esnext.disposable" />
import { SpecBase, Source, SourceDriver } from '@bioimage/core';

/// <reference lib="esnext.disposable" />

/** A spec of a NIfTI file. */
interface NiftiSpec extends SpecBase<"nifti"> {
	readonly path: string;
}
/** A header extension: what other programs keep between header and voxels. */
interface NiftiExtension {
	/** Registered code of what it holds: 2 DICOM, 4 AFNI (XML), 6 comment, 32 CIFTI (XML). */
	readonly ecode: number;
	readonly bytes: Uint8Array;
}
/**
* A NIfTI image. `attrs` holds the header's fields by their names in `nifti1.h`; `dtype` is that of reads, which are scaled, and
* `attrs.datatype` the code of what is stored.
*/
interface NiftiSource extends Source {
	readonly kind: "nifti";
	/** The extensions of the header, whole; empty if there are none. */
	extensions(options?: {
		readonly signal?: AbortSignal | undefined;
	}): Promise<readonly NiftiExtension[]>;
	/**
	* The checkpoints of a `.nii.gz`, for the option `gzipIndex`: with them, a source needs no pass over the file before reading at random
	* places. Decompresses what no read has passed yet. Empty for a file that is not compressed.
	*/
	gzipIndex(options?: {
		readonly signal?: AbortSignal | undefined;
	}): Promise<Uint8Array>;
	/** Gives up a file that is being created: nothing is left of it. Does nothing for a file that was opened. */
	discard(): Promise<void>;
}
declare module "@bioimage/core" {
	interface SourceKinds {
		nifti: {
			spec: NiftiSpec;
			source: NiftiSource;
		};
	}
}
/** Driver of NIfTI-1 and NIfTI-2, as one file or a pair, plain or compressed by gzip. */
declare const nifti: SourceDriver<"nifti">;

export { type NiftiExtension, type NiftiSource, type NiftiSpec, nifti };
