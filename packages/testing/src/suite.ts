import type { GetOptions, Index, NdArray, Source, Store } from '@bioimage/core'
import { isContiguous, isNdArray } from '@bioimage/core/backend'
import { copyOf } from './arrays/elements.js'
import { freshSeed, type Random, seededRandom } from './arrays/random.js'
import { check } from './assert.js'
import type { TestCreateOptions, TestedBackend, TestOpenOptions } from './backend.js'
import type { DefineTest, Runner } from './runner.js'
import { forwardStore } from './stores/forward-store.js'
import { numpyIndexing } from './tables/numpy-indexing.generated.js'

/** Opens the array under test in some way: as the backend does, or from its spec. */
export type Open = (options?: Partial<TestOpenOptions>) => Promise<Source>

/** What a test gets: sources that are closed when it ends. */
export interface Scope {
  keep<S extends Source>(source: S): S
}

/** The backend under test and the means to declare tests of it. */
export interface Suite {
  readonly backend: TestedBackend
  /** The expected elements in C order. Never changed. */
  readonly reference: NdArray
  /** Opens the array under test as the backend does. */
  readonly open: Open
  /** Declares a heading with tests under it. */
  area(name: string, declare: () => void): void
  test(name: string, body: (scope: Scope) => Promise<void>): void
  /** A test with random choices; its failure prints the seed. */
  randomTest(name: string, body: (scope: Scope, random: Random) => Promise<void>): void
  /** Says that something is not tested, because the capability is declared absent. */
  absent(what: string, capability: string): void
  create(options: TestCreateOptions): Promise<Source>
}

/** Checks the description of a backend and makes the means to test it. */
export function makeSuite(runner: Runner, backend: TestedBackend): Suite {
  const { reference, capabilities } = backend
  const elements = reference.shape.reduce((product, length) => product * length, 1)
  check(elements >= 24 && elements <= 1e6, `testBackend: the reference of ${backend.name} has ${elements} elements, expected 24 to 1000000`)
  const writes = capabilities.write !== 'none'
  check(
    !writes || (backend.create !== undefined && backend.creation !== undefined),
    `testBackend: ${backend.name} writes, so it needs create and creation`
  )
  check(writes || backend.create === undefined, `testBackend: ${backend.name} has create, but declares write: 'none'`)
  check(capabilities.write !== 'new' || capabilities.spec !== false, `testBackend: ${backend.name}: write 'new' needs spec`)
  const define: DefineTest = 'test' in runner ? runner.test : runner.it
  const log = runner.log ?? ((line: string) => console.info(line))
  const seed = backend.seed ?? freshSeed()
  const test = (name: string, body: (scope: Scope) => Promise<void>): void => {
    define(name, async () => {
      const kept: Source[] = []
      const keep = <S extends Source>(source: S): S => {
        kept.push(source)
        return source
      }
      try {
        await body({ keep })
      } finally {
        for (const source of kept) await source.close()
      }
    })
  }
  return {
    backend,
    reference: copyOf(reference),
    open: (options = {}) => backend.open({ wrap: (store) => store, ...options }),
    area: (name, declare) => void runner.describe(name, declare),
    test,
    randomTest(name, body) {
      test(name, async (scope) => {
        try {
          await body(scope, seededRandom(seed))
        } catch (error) {
          const message = error instanceof Error ? error.message : String(error)
          throw new Error(`${message}\n(random test; repeat it with \`seed: ${seed}\` in the options of testBackend)`, { cause: error })
        }
      })
    },
    absent: (what, capability) => log(`@bioimage/testing: ${backend.name}: not tested: ${what}, because ${capability}`),
    async create(options) {
      check(backend.create !== undefined, 'the backend under test has no create')
      return backend.create(options)
    }
  }
}

/** Shapes for which the suite has numpy's answers to a few hundred indices: `[6, 7, 8]`, `[4, 5, 6]`, `[3, 4]`, `[]` and others. */
export const tableShapes: readonly (readonly number[])[] = numpyIndexing.map(({ shape }) => shape)

/** A read that must give an array in C order. */
export async function readArray(source: Source, index: Index = '...', options: GetOptions = {}): Promise<NdArray> {
  const result: unknown = await source.get(index, options)
  check(isNdArray(result), `get gave ${typeof result}, expected an array`)
  if (options.out === undefined)
    check(
      isContiguous(result) && (result.offset ?? 0) === 0,
      `get gave strides [${result.stride.join(', ')}], expected C order from element 0`
    )
  return result
}

let identities = 0

/** Gives a store an identity of its own, so that no chunk of an earlier source comes from a cache. */
export function uncached(store: Store): Store {
  return forwardStore(store, {}, `${store.identity}#${identities++}`)
}
