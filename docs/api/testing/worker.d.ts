/// <reference lib="esnext.disposable" />
import { Json } from '@bioimage/core';

/// <reference lib="esnext.disposable" />
/**
* The worker's half of the test "a spec reopens the source in a worker".
*
* In Node the suite starts it by itself. For browsers write a module that imports the backend and calls
* {@link answerSpecs}, and give the suite `worker: { create: () => new Worker(new URL('./my-worker.js', import.meta.url), { type: 'module' }) }`.
*
* @module
*/

/** What the suite sends to the worker. */
interface SpecRequest {
	/** Modules to import first: they register the backends. */
	readonly modules: readonly string[];
	readonly spec: Json;
	/** Times to replace everything, instead of reading it: by the versions of the suite in turns. Defaults to none. */
	readonly rewrites?: number | undefined;
}
/** What the worker answers. */
type SpecReply = {
	readonly kind: string;
	readonly shape: readonly number[];
	readonly dtype: string;
	readonly bytes: Uint8Array;
	readonly spec: string;
} | {
	readonly error: string;
};
/** Answers the requests that this worker gets: opens the spec, reads everything, posts it back. */
declare function answerSpecs(): void;

export { type SpecReply, type SpecRequest, answerSpecs };
