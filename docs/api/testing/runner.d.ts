/// <reference lib="esnext.disposable" />
/** Declares one test: what `test` and `it` of Vitest, Mocha, Jest and `node:test` are. */
type DefineTest = (name: string, body: () => Promise<void>) => unknown;
/** The test runner that the suite declares its tests with. Its `expect` is not needed. */
type Runner = {
	readonly describe: (name: string, body: () => void) => unknown;
	/** Where the suite says what it does not run. Defaults to `console.info`. */
	readonly log?: ((line: string) => void) | undefined;
} & ({
	readonly test: DefineTest;
} | {
	readonly it: DefineTest;
});
/** How one test of {@link collectTests} ended. */
interface TestOutcome {
	/** Headings and name, outermost first. */
	readonly path: readonly string[];
	/** What it threw; `undefined` if it passed. */
	readonly error: unknown;
	readonly passed: boolean;
}
/**
* A runner without a framework: runs what `declare` declares, one test after the other, and gives the outcomes. For scripts,
* and for tests of test suites.
*
* @param chosen Whether to run a test, by its headings and name. Defaults to all.
*/
declare function collectTests(declare: (runner: Runner) => void, chosen?: (path: readonly string[]) => boolean): Promise<readonly TestOutcome[]>;

export { type DefineTest as D, type Runner as R, type TestOutcome as T, collectTests as c };
