/// <reference lib="esnext.disposable" />
import { Source } from '@bioimage/core';
import { R as Runner } from './runner.js';

/// <reference lib="esnext.disposable" />

/** An array of uint8 that the tests ask for. */
interface ProcessArray {
	/** A place that is not there yet; the name of the container without an extension. */
	readonly path: string;
	readonly shape: readonly number[];
	readonly chunks: readonly number[];
	readonly shards: readonly number[] | undefined;
}
/** A backend whose writers are tested in several processes. */
interface TestedProcesses {
	/** Says what is tested: `"zarr"`. */
	readonly name: string;
	/** URL of the built module that registers the backend. */
	readonly module: string;
	/** Whether arrays have shards. */
	readonly shards: boolean;
	/** Creates an empty array on the local disk. */
	readonly create: (array: ProcessArray) => Promise<Source>;
}
/** Declares the tests with the given test runner. */
declare function testProcesses(runner: Runner, backend: TestedProcesses): void;

export { type ProcessArray, type TestedProcesses, testProcesses };
