/// <reference lib="esnext.disposable" />
import { SpecBase, Source, SourceDriver } from '@bioimage/core';

/// <reference lib="esnext.disposable" />

/** A spec of an MRC file. */
interface MrcSpec extends SpecBase<"mrc"> {
	readonly path: string;
}
/** An MRC file. `attrs` holds the header's fields by their names in MRC2014. */
interface MrcSource extends Source {
	readonly kind: "mrc";
	/** The bytes between header and data, of whatever kind `attrs.exttyp` names; empty if there are none. */
	extendedHeader(options?: {
		readonly signal?: AbortSignal | undefined;
	}): Promise<Uint8Array>;
	/** Gives up a file that is being created: nothing is left of it. Does nothing for a file that was opened. */
	discard(): Promise<void>;
}
declare module "@bioimage/core" {
	interface SourceKinds {
		mrc: {
			spec: MrcSpec;
			source: MrcSource;
		};
	}
}
/** Driver of MRC and CCP4 files, plain or compressed by gzip or bzip2. */
declare const mrc: SourceDriver<"mrc">;

export { type MrcSource, type MrcSpec, mrc };
