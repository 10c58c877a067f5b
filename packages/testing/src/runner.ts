/** Declares one test: what `test` and `it` of Vitest, Mocha, Jest and `node:test` are. */
export type DefineTest = (name: string, body: () => Promise<void>) => unknown

/** The test runner that the suite declares its tests with. Its `expect` is not needed. */
export type Runner = {
  readonly describe: (name: string, body: () => void) => unknown
  /** Where the suite says what it does not run. Defaults to `console.info`. */
  readonly log?: ((line: string) => void) | undefined
} & ({ readonly test: DefineTest } | { readonly it: DefineTest })

/** How one test of {@link collectTests} ended. */
export interface TestOutcome {
  /** Headings and name, outermost first. */
  readonly path: readonly string[]
  /** What it threw; `undefined` if it passed. */
  readonly error: unknown
  readonly passed: boolean
}

/**
 * A runner without a framework: runs what `declare` declares, one test after the other, and gives the outcomes. For scripts,
 * and for tests of test suites.
 *
 * @param chosen Whether to run a test, by its headings and name. Defaults to all.
 */
export async function collectTests(
  declare: (runner: Runner) => void,
  chosen: (path: readonly string[]) => boolean = () => true
): Promise<readonly TestOutcome[]> {
  const headings: string[] = []
  const tests: { path: readonly string[]; body: () => Promise<void> }[] = []
  declare({
    describe(name, body) {
      headings.push(name)
      body()
      headings.pop()
    },
    test: (name, body) => tests.push({ path: [...headings, name], body }),
    log: () => {}
  })
  const outcomes: TestOutcome[] = []
  for (const { path, body } of tests) {
    if (!chosen(path)) continue
    try {
      await body()
      outcomes.push({ path, error: undefined, passed: true })
    } catch (error) {
      outcomes.push({ path, error, passed: false })
    }
  }
  return outcomes
}
