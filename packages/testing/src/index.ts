/**
 * The conformance suite that every backend runs, ours and others', with the test runner handed in; and what tests of backends
 * are made of: reference data, and stores that record, delay, fail and cut.
 *
 * @module
 */
export { copyOf, describeDifference, equalArrays } from './arrays/elements.js'
export { type Random, seededRandom } from './arrays/random.js'
export { referenceArray } from './arrays/reference-array.js'
export type { BadInput, Capabilities, Creation, TestCreateOptions, TestedBackend, TestOpenOptions } from './backend.js'
export { folderContent, memoryOf } from './memory.js'
export { collectTests, type DefineTest, type Runner, type TestOutcome } from './runner.js'
export { type FailingStoreOptions, failingStore, type TruncatingStoreOptions, truncatingStore } from './stores/failing-store.js'
export { forwardStore, type Interception, type StoreRequest } from './stores/forward-store.js'
export { type RecordedRequest, type RecordingStore, recordingStore } from './stores/recording-store.js'
export { type GatedStore, gatedStore, slowStore } from './stores/slow-store.js'
export { tableShapes } from './suite.js'
export { testBackend } from './test-backend.js'
export type { WorkerSetup } from './worker-client.js'
