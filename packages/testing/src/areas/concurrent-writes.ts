import { fromSpec, type NdArray, type Source, slice } from '@bioimage/core'
import { sizeOf } from '@bioimage/core/backend'
import { copyOf, describeDifference } from '../arrays/elements.js'
import { referenceArray } from '../arrays/reference-array.js'
import { positionAt, put, select, take } from '../arrays/selection.js'
import { check } from '../assert.js'
import { readArray, type Scope, type Suite } from '../suite.js'
import { checkStored, halfChunks } from './written.js'

/** Writes under way at the same time. */
const writers = 20

export function testConcurrentWrites(suite: Suite): void {
  const { backend, reference } = suite
  const { shape, dtype } = reference
  const { write } = backend.capabilities
  if (write === 'none') return
  suite.area('concurrent writes', () => {
    suite.test(`${writers} parts of one chunk all last`, async (scope) => {
      const sources = await handles(suite, scope, backend.creation?.chunks === true ? shape : undefined)
      const model = copyOf(reference)
      await Promise.all(
        Array.from({ length: writers }, (_, writer) => {
          const at = Math.floor((writer * sizeOf(shape)) / writers)
          const index = [...positionAt(at, shape), '...'] as const
          const value = referenceArray([], dtype, 100 + writer)
          put(model, select(shape, index), value)
          return sources[writer % sources.length]?.set(index, value)
        })
      )
      for (const source of sources) await checkStored(suite, source, model, `${writers} concurrent writes into one chunk`)
    })
    suite.test('overlapping chunk borders all last', async (scope) => {
      const sources = await handles(suite, scope, backend.creation?.chunks === true ? halfChunks(shape) : undefined)
      const model = copyOf(reference)
      const value = referenceArray(shape, dtype, 7)
      // One line along the first axis each: every line meets every chunk row.
      const lines = Array.from({ length: sizeOf(shape.slice(1)) }, (_, at) => [null, ...positionAt(at, shape.slice(1))] as const)
      await Promise.all(
        lines.slice(0, 60).map((index, at) => {
          const line = take(value, select(shape, index))
          put(model, select(shape, index), line)
          return sources[at % sources.length]?.set(index, line)
        })
      )
      await checkStored(suite, sources[0], model, 'concurrent writes of lines through several chunks')
    })
    suite.test('of different chunks all last', async (scope) => {
      const chunks = halfChunks(shape)
      const sources = await handles(suite, scope, backend.creation?.chunks === true ? chunks : undefined)
      const value = referenceArray(shape, dtype, 8)
      const halves = shape.map((length, axis) => [slice(0, chunks[axis] ?? length), slice(chunks[axis] ?? length, null)])
      const boxes = halves.reduce<ReturnType<typeof slice>[][]>(
        (all, parts) => all.flatMap((box) => parts.map((part) => [...box, part])),
        [[]]
      )
      await Promise.all(boxes.map((box, at) => sources[at % sources.length]?.set(box, take(value, select(shape, box)))))
      await checkStored(suite, sources[0], value, 'concurrent writes of different chunks')
    })
    if (write !== 'regions') {
      suite.absent('writes beside reads', `the capability write is '${write}'`)
      return
    }
    suite.test('beside reads: a reader sees every chunk as it was or as it is', async (scope) => {
      const sources = await handles(suite, scope, backend.creation?.chunks === true ? halfChunks(shape) : undefined)
      const [writer] = sources
      const reader = sources.at(-1)
      if (writer === undefined || reader === undefined) return
      const index = (writer.chunks ?? shape).map((length) => slice(0, length))
      const versions = [take(reference, select(shape, index))]
      for (let round = 1; round <= 8; round++) {
        const next = referenceArray(versions[0]?.shape ?? [], dtype, 200 + round)
        versions.push(next)
        const found = await Promise.all([
          readArray(reader, index),
          writer.set(index, next),
          readArray(reader, index),
          readArray(writer, index)
        ])
        for (const array of found) if (array !== undefined) checkIsOneOf(array, versions.slice(-2))
      }
      checkIsOneOf(await readArray(reader, index), versions.slice(-1))
    })
  })
}

/** Two handles of one new array, filled by the reference; one handle where nothing opens a second. */
async function handles(suite: Suite, { keep }: Scope, chunks: readonly number[] | undefined): Promise<readonly [Source, ...Source[]]> {
  const { shape, dtype } = suite.reference
  const first = keep(await suite.create({ shape, dtype, chunks }))
  await first.set('...', suite.reference)
  const { spec, write } = suite.backend.capabilities
  if (spec === false || write !== 'regions') return [first]
  const second = keep(await fromSpec(JSON.parse(JSON.stringify(first.toSpec()))))
  check(second.writable, 'the spec of a writable source opens one that is read-only')
  return [first, second]
}

function checkIsOneOf(found: NdArray, versions: readonly NdArray[]): void {
  const differences = versions.map((version) => describeDifference(found, version))
  check(differences.includes(undefined), `a reader beside a writer saw neither the old nor the new chunk: ${differences.join('; ')}`)
}
