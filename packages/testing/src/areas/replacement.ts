import { fromSpec, type Index, type NdArray, type Source, slice } from '@bioimage/core'
import { bytesOf } from '@bioimage/core/backend'
import { positionAt, select, take } from '../arrays/selection.js'
import { versionOf } from '../arrays/versions.js'
import { check } from '../assert.js'
import type { TestCreateOptions } from '../backend.js'
import { readArray, type Scope, type Suite } from '../suite.js'
import { rewriteInThread } from '../worker-client.js'

/** Times that a writer replaces everything. */
const rounds = 12
/** Rows of one plane lie so far apart that they are read by requests of their own. */
const shape = [6, 96, 48]
const chunks = [3, 96, 24]

export function testReplacement(suite: Suite): void {
  const { capabilities, creation, driver } = suite.backend
  const { spec, write } = capabilities
  if (write !== 'regions' || creation === undefined) return
  if (spec === false) {
    suite.absent('reads beside a writer that replaces everything', 'the capability spec is false')
    return
  }
  const { dtype } = suite.reference
  const layouts: readonly (readonly [string, TestCreateOptions])[] = [
    ['one chunk', { shape, dtype, ...(creation.chunks && { chunks: shape }) }],
    ['several chunks', { shape, dtype, ...(creation.chunks && { chunks }), ...(creation.shards && { shards: shape }) }]
  ]
  suite.area('replacement', () => {
    for (const [name, options] of layouts) {
      suite.test(`by a second handle: every chunk is read as it was at one moment (${name})`, async (scope) => {
        const { writer, readers, versions } = await prepare(suite, scope, options)
        await readBeside(readers, versions, async () => {
          for (let round = 0; round < rounds; round++) await writer.set('...', versions[round % 2] ?? versions[0])
        })
      })
      if (driver?.exclusiveWriter === true || 'create' in spec.worker) continue
      const { worker } = spec
      suite.test(`by another thread: every chunk is read as it was at one moment (${name})`, async (scope) => {
        const { writer, readers, versions } = await prepare(suite, scope, options)
        await readBeside(readers, versions, () => rewriteInThread(worker, JSON.parse(JSON.stringify(writer.toSpec())), rounds))
      })
    }
  })
}

interface Prepared {
  readonly writer: Source
  readonly readers: readonly Source[]
  readonly versions: readonly [NdArray, NdArray]
}

/** A new array, and two more handles of it: one that remembers chunks and one that does not. */
async function prepare(suite: Suite, { keep }: Scope, options: TestCreateOptions): Promise<Prepared> {
  const versions = [versionOf(shape, options.dtype, 0), versionOf(shape, options.dtype, 1)] as const
  const writer = keep(await suite.create(options))
  await writer.set('...', versions[0])
  const spec: unknown = JSON.parse(JSON.stringify(writer.toSpec()))
  return { writer, readers: [keep(await fromSpec(spec)), keep(await fromSpec(spec, { cache: false }))], versions }
}

/** A read with what it may give. */
interface Probe {
  readonly index: Index
  /** The elements of either version, as bytes. */
  readonly expected: readonly Uint8Array[]
  /** For every element the number of the chunk that it lies in. */
  readonly chunkOf: Uint32Array
}

function probesOf(chunks: readonly number[], versions: Prepared['versions']): readonly Probe[] {
  const indices: readonly Index[] = [null, [5], [null, 3], [null, 77, slice(8, 40)], [slice(1, 6, 2), slice(0, 9), slice(22, 26)]]
  const grid = shape.map((size, axis) => Math.ceil(size / (chunks[axis] ?? 1)))
  return indices.map((index) => {
    const selection = select(shape, index)
    const chunkOf = Uint32Array.from(selection.positions, (at) => {
      const position = positionAt(at, shape)
      return position.reduce((chunk, element, axis) => chunk * (grid[axis] ?? 1) + Math.floor(element / (chunks[axis] ?? 1)), 0)
    })
    return { index, expected: versions.map((version) => bytesOf(take(version, selection).data)), chunkOf }
  })
}

/** Reads everything, planes and rows until the writer ends, and once more. */
async function readBeside(readers: readonly Source[], versions: Prepared['versions'], write: () => Promise<void>): Promise<void> {
  const probes = probesOf(readers[0]?.chunks ?? shape, versions)
  let isDone = false
  const writing = write().finally(() => {
    isDone = true
  })
  const reading = Promise.all(
    readers.map(async (reader) => {
      for (let isLast = false; !isLast; ) {
        isLast = isDone
        for (const probe of probes) checkChunks(bytesOf((await readArray(reader, probe.index)).data), probe)
        // A turn for the writer, where nothing waits for a store.
        await new Promise((resolve) => setTimeout(resolve, 0))
      }
    })
  )
  await Promise.all([writing, reading])
}

/** What was read of one chunk must be of one version. */
function checkChunks(found: Uint8Array, { chunkOf, expected, index }: Probe): void {
  if (expected.some((version) => isSame(version, found))) return
  const itemSize = found.byteLength / chunkOf.length
  const possible = new Map<number, boolean[]>()
  for (const [at, chunk] of chunkOf.entries()) {
    const isVersion = possible.get(chunk) ?? expected.map(() => true)
    possible.set(chunk, isVersion)
    for (let byte = at * itemSize; byte < (at + 1) * itemSize; byte++) {
      for (const [number, version] of expected.entries()) if (version[byte] !== found[byte]) isVersion[number] = false
    }
  }
  for (const [chunk, isVersion] of possible) {
    check(isVersion.includes(true), `chunk ${chunk} is neither its old nor its new content in a read of ${JSON.stringify(index)}`)
  }
}

function isSame(expected: Uint8Array, found: Uint8Array): boolean {
  return expected.byteLength === found.byteLength && expected.every((byte, at) => byte === found[at])
}
