import { arraySource } from '@bioimage/core'
import { afterAll, describe, expect, test } from 'vitest'
import { collectTests, copyOf, type TestedBackend, testBackend } from '../src/index.js'
import { sourceDefects, withMembers, writerDefects } from './support/source-defects.js'
import { makeToy } from './support/toy.js'

const toy = await makeToy()
afterAll(() => toy.remove())

/** Defects of the toy format, each with the area that must find it. */
const formatDefects: Readonly<Record<string, string>> = {
  'off by one': 'random regions',
  'ignores steps': 'indexing',
  'ignores strides of out': 'out',
  'one read at a time': 'many reads at once',
  'ignores the signal': 'abort',
  'derives a signal': 'abort',
  'open without signal': 'abort',
  'zeros for errors': 'failures of the store',
  'remembers failures': 'failures of the store',
  'loses writes': 'concurrent writes',
  'reads planes at different moments': 'replacement',
  'writes beside the region': 'writing regions',
  'ignores strides of values': 'writing a whole array',
  'changes the value': 'writing regions',
  'close breaks others': 'close',
  'odd metadata': 'metadata',
  'odd chunks': 'metadata',
  'narrows dtypes': 'creation',
  'ignores shards': 'creation',
  'ignores fill': 'creation',
  'always writable': 'read-only',
  'spec with a date': 'spec',
  'spec with a hole': 'spec',
  'relative spec': 'spec',
  'spec of another array': 'worker',
  'wrong code for missing': 'bad input',
  'wrong code for damage': 'bad input',
  'repairs while reading': 'bad input'
}

/** Drivers that contradict the contract. */
const driverDefects: Readonly<Record<string, (driver: NonNullable<TestedBackend['driver']>) => object>> = {
  'another kind': () => ({ kind: 'doll' }),
  'an extension without a dot': () => ({ extensions: ['toy'] }),
  'an option of no type': () => ({ schema: { level: 'int' } }),
  'a sniff that takes everything': () => ({ sniff: { prefixBytes: 4, test: () => true } }),
  'a sniff that fails on short files': () => ({
    sniff: { prefixBytes: 4, test: (prefix: Uint8Array) => prefix.at(0)?.toFixed() === prefix[3]!.toFixed() }
  }),
  'writable without create': ({ load }) => ({ load: async () => ({ open: (await load()).open }) })
}

/** The area of a test; a test on the reopened source belongs to the area under that heading. */
const areaOf = (path: readonly string[]): string => (path[1] === 'reopened from its spec' ? path[2] : path[1]) ?? ''

/** Runs some areas of the suite and tells which failed. */
const failures = async (backend: TestedBackend, ...areas: readonly string[]): Promise<readonly string[]> => {
  const outcomes = await collectTests(
    (runner) => testBackend(runner, backend),
    (path) => areas.includes(areaOf(path))
  )
  return [...new Set(outcomes.filter(({ passed }) => !passed).map(({ path }) => areaOf(path)))]
}

const memory = (defect: (source: ReturnType<typeof arraySource>) => Awaited<ReturnType<TestedBackend['open']>>): TestedBackend => {
  const { reference } = toy.backend()
  return {
    name: 'memory',
    kind: 'array',
    reference,
    capabilities: { store: false, spec: false, write: 'none' },
    // Read-only, as nearly all data is.
    open: async () => defect(arraySource(copyOf(reference))),
    seed: 1
  }
}

describe('the suite finds', () => {
  for (const [defect, area] of Object.entries(formatDefects)) {
    test(`a format with the defect "${defect}"`, async () => expect(await failures(toy.backend(defect), area)).toEqual([area]))
  }
  for (const [name, [area, defect]] of Object.entries(sourceDefects)) {
    test(`sources with ${name}`, async () => {
      const backend = memory((source) => defect(withMembers(source, area === 'read-only' ? { writable: false } : {})))
      expect(await failures(backend, area)).toEqual([area])
    })
  }
  for (const [name, [area, defect]] of Object.entries(writerDefects)) {
    test(`writers with ${name}`, async () => {
      const backend = toy.backend()
      const create = backend.create
      const broken = { ...backend, create: async (...args: Parameters<NonNullable<typeof create>>) => defect(await create!(...args)) }
      expect(await failures(broken, area)).toEqual([area])
    })
  }
  for (const [name, defect] of Object.entries(driverDefects)) {
    test(`a driver with ${name}`, async () => {
      const backend = toy.backend()
      const driver = { ...backend.driver!, ...defect(backend.driver!) }
      expect(await failures({ ...backend, driver }, 'driver')).toEqual(['driver'])
    })
  }
})

test('every area finds some defect', async () => {
  const areas = new Set<string>()
  await collectTests(
    (runner) => testBackend(runner, toy.backend()),
    (path) => {
      areas.add(areaOf(path))
      return false
    }
  )
  const covered = [...Object.values(formatDefects), ...Object.values(sourceDefects).map(([area]) => area), 'driver']
  expect([...areas].filter((area) => !covered.includes(area))).toEqual([])
})

test('the failure of a random test says how to repeat it', async () => {
  const backend = { ...toy.backend('off by one'), seed: 4711 }
  const [outcome] = await collectTests(
    (runner) => testBackend(runner, backend),
    (path) => path.includes('equal the reference')
  )
  expect(String(outcome?.error)).toContain('seed: 4711')
})

test('a wrong declaration is found', async () => {
  const declared = (changes: Partial<TestedBackend['capabilities']>): TestedBackend => {
    const backend = toy.backend()
    return { ...backend, capabilities: { ...backend.capabilities, ...changes } }
  }
  expect(await failures(declared({ store: false }), 'abort')).toEqual(['abort'])
  expect(await failures(declared({ spec: false }), 'spec')).toEqual(['spec'])
  expect(await failures(declared({ write: 'new' }), 'read-only')).toEqual(['read-only'])
})

test('a new file that never appears is found', async () => {
  const backend = toy.backend()
  const asNew: TestedBackend = { ...backend, capabilities: { ...backend.capabilities, write: 'new' } }
  expect(await failures(asNew, 'writing regions')).toEqual([])
  const [, keepsWrites] = writerDefects['writes kept in the handle']!
  const vanishing: TestedBackend = { ...asNew, create: async (options) => keepsWrites(await backend.create!(options)) }
  expect(await failures(vanishing, 'writing regions', 'writing a whole array')).toEqual(['writing a whole array', 'writing regions'])
})

test('a description that contradicts itself is refused', () => {
  const backend = toy.backend()
  const declare = (changes: Partial<TestedBackend>) => () => testBackend({ describe: () => {}, test: () => {} }, { ...backend, ...changes })
  expect(declare({ create: undefined })).toThrow('needs create')
  expect(declare({ capabilities: { ...backend.capabilities, write: 'none' } })).toThrow("declares write: 'none'")
  expect(declare({ reference: { ...backend.reference, shape: [2, 2] } })).toThrow('has 4 elements')
})

test('what is not tested is printed with its reason', () => {
  const lines: string[] = []
  testBackend(
    { describe: (_, body) => body(), test: () => {}, log: (line) => lines.push(line) },
    memory((source) => source)
  )
  expect(lines).toEqual([
    '@bioimage/testing: memory: not tested: the driver, because the backend has none',
    '@bioimage/testing: memory: not tested: aborts that reach the store, because the capability store is false',
    '@bioimage/testing: memory: not tested: failures of the store, because the capability store is false',
    '@bioimage/testing: memory: not tested: specs, because the capability spec is false',
    '@bioimage/testing: memory: not tested: reopening in a worker, because the capability spec is false',
    "@bioimage/testing: memory: not tested: writing, because the capability write is 'none'",
    '@bioimage/testing: memory: not tested: bad input, because no badInputs are given'
  ])
})
