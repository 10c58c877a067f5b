/// <reference lib="esnext.disposable" />
import { SpecBase, Source, SourceDriver } from '@bioimage/core';

/// <reference lib="esnext.disposable" />

/** A spec of an image stack: `path` is the folder, `internalPath` the pattern of its slices. */
interface StackSpec extends SpecBase<"stack"> {
	readonly path: string;
}
/** The slices of a folder as one array; `attrs.files` holds their names in order. */
interface StackSource extends Source {
	readonly kind: "stack";
}
declare module "@bioimage/core" {
	interface SourceKinds {
		stack: {
			spec: StackSpec;
			source: StackSource;
		};
	}
}
/** Driver of folders of slices. */
declare const stack: SourceDriver<"stack">;

export { type StackSource, type StackSpec, stack };
