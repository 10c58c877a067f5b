/// <reference lib="esnext.disposable" />
import { SpecBase, Source, SourceDriver } from '@bioimage/core';

/// <reference lib="esnext.disposable" />

/** A spec of one stack of an OBF file: `internalPath` is its name, its number, or `data` for all stacks. */
interface MsrSpec extends SpecBase<"msr"> {
	readonly path: string;
}
/** A stack of an OBF file, or all of them. `attrs` holds the fields of its header and footer by their names in the specification. */
interface MsrSource extends Source {
	readonly kind: "msr";
}
declare module "@bioimage/core" {
	interface SourceKinds {
		msr: {
			spec: MsrSpec;
			source: MsrSource;
		};
	}
}
/** Driver of OBF, the container of Imspector: `.obf`, and `.msr`, which is the same. */
declare const msr: SourceDriver<"msr">;

export { type MsrSource, type MsrSpec, msr };
