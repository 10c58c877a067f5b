import { fromSpec } from '@bioimage/core'
import { testAbort } from './areas/abort.js'
import { testBadInput } from './areas/bad-input.js'
import { testClose } from './areas/close.js'
import { testConcurrentWrites } from './areas/concurrent-writes.js'
import { testCreation } from './areas/creation.js'
import { testDriver } from './areas/driver.js'
import { testIndexing } from './areas/indexing.js'
import { testManyReads } from './areas/many-reads.js'
import { testMetadata } from './areas/metadata.js'
import { testOut } from './areas/out.js'
import { testRandomRegions } from './areas/random-regions.js'
import { testReadOnly } from './areas/read-only.js'
import { testReplacement } from './areas/replacement.js'
import { testSpec } from './areas/spec.js'
import { testStoreFailures } from './areas/store-failures.js'
import { testWorker } from './areas/worker.js'
import { testWriteWhole } from './areas/write-whole.js'
import { testWrites } from './areas/writes.js'
import type { TestedBackend } from './backend.js'
import type { Runner } from './runner.js'
import { makeSuite, type Open, type Suite } from './suite.js'

/**
 * Declares the conformance suite for a backend with the given test runner.
 *
 * @example
 * import { describe, test } from 'node:test'
 * testBackend({ describe, test }, { name: 'voxtext', kind: 'voxtext', reference, open, capabilities })
 *
 * @throws Error if the description contradicts itself.
 */
export function testBackend(runner: Runner, backend: TestedBackend): void {
  const suite = makeSuite(runner, backend)
  suite.area(`conformance of ${backend.name}`, () => {
    testDriver(suite) //            the light half is data and one lazy function
    testReading(suite, suite.open)
    testAbort(suite) //             stops at once, and the signal reaches the store
    testStoreFailures(suite) //     a store that fails or cuts its replies never gives wrong values
    testSpec(suite) //              pure JSON that opens the same source again
    testWorker(suite) //            in a worker too
    testReadOnly(suite) //          what cannot be written says so
    testCreation(suite) //          dtypes, chunks, shards, fill values, shapes
    testWriteWhole(suite) //        a new array at once
    testWrites(suite) //            any region; what does not fit leaves the data as it is
    testConcurrentWrites(suite) //  nothing gets lost
    testReplacement(suite) //       no read is a mixture of what was and what is
    testBadInput(suite) //          documented codes, and no write
    if (backend.capabilities.spec !== false) suite.area('reopened from its spec', () => testReading(suite, reopened(suite)))
  })
}

function testReading(suite: Suite, open: Open): void {
  testMetadata(suite, open) //      shape, dtype, chunks, axes
  testIndexing(suite, open) //      numpy's answers
  testRandomRegions(suite, open) // against the reference
  testManyReads(suite, open) //     side by side
  testOut(suite, open) //           into the caller's memory
  testClose(suite, open) //         twice, and nothing after it
}

/** Opens the source, sends its spec through JSON and opens that. */
function reopened(suite: Suite): Open {
  return async (options = {}) => {
    const source = await suite.open(options)
    const spec: unknown = JSON.parse(JSON.stringify(source.toSpec()))
    await source.close()
    return fromSpec(spec, options.context)
  }
}
