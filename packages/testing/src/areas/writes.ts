import { type Index, itemAt, type NdArray, type Source, slice, zeros } from '@bioimage/core'
import { sizeOf } from '@bioimage/core/backend'
import { copyOf } from '../arrays/elements.js'
import { referenceArray } from '../arrays/reference-array.js'
import { positionAt, put, select, take } from '../arrays/selection.js'
import { check, checkArray, checkRejects, checkRejectsWith } from '../assert.js'
import type { Scope, Suite } from '../suite.js'
import { relaid, reversedArray } from './out.js'
import { randomBox } from './random-regions.js'
import { refusedValues } from './refused-values.js'
import { checkHolds, checkStored, halfChunks, setAnything } from './written.js'

/** Boxes written per test. */
const rounds = 25

export function testWrites(suite: Suite): void {
  const { backend, reference } = suite
  const { shape, dtype } = reference
  if (backend.capabilities.write === 'none') return
  suite.area('writing regions', () => {
    suite.test('a source that was created is writable and holds its fill value', async ({ keep }) => {
      const source = keep(await suite.create({ shape, dtype }))
      check(source.writable, 'a source that was created is not writable')
      await checkStored(suite, source, zeros(shape, dtype), 'an array that was never written')
    })
    suite.test('single elements', async (scope) => {
      const { source, model } = await filled(suite, scope)
      for (const at of [0, 1, sizeOf(shape) - 1, sizeOf(shape) >> 1]) {
        const position = positionAt(at, shape)
        await writeScalar(source, model, position, reference, positionAt((at + 3) % sizeOf(shape), shape))
      }
      await checkStored(suite, source, model, 'an array in which elements were written')
    })
    suite.test('a scalar to a whole region', async (scope) => {
      const { source, model } = await filled(suite, scope)
      const index = shape.map((length) => slice(length > 2 ? 1 : 0, null))
      await writeScalar(source, model, index, reference, positionAt(3, shape))
      await checkHolds(suite, source, model, 'an array in which a scalar was written to a region')
      await writeScalar(source, model, '...', reference, positionAt(sizeOf(shape) - 1, shape))
      await checkStored(suite, source, model, 'an array in which a scalar was written everywhere')
    })
    suite.test('planes, whose axis an integer drops or keeps', async (scope) => {
      const { source, model } = await filled(suite, scope)
      for (const [axis, length] of shape.entries()) {
        const before = shape.slice(0, axis).map(() => null)
        for (const [seed, integer] of [0, -1, length >> 1].entries()) {
          const index = [...before, integer, '...'] as const
          const plane = referenceArray(
            shape.filter((_, other) => other !== axis),
            dtype,
            20 + seed
          )
          const kept = zeros(
            shape.map((along, other) => (other === axis ? 1 : along)),
            dtype
          )
          await writeArray(source, model, index, seed === 1 ? { ...kept, data: plane.data } : plane)
        }
      }
      await checkStored(suite, source, model, 'an array in which planes were written')
    })
    suite.test('the edges, and nothing beside them', async (scope) => {
      const { source, model } = await filled(suite, scope)
      const edges = [shape.map(() => slice(0, 1)), shape.map(() => slice(-1, null)), shape.map((length) => slice(length - 1, length + 10))]
      for (const [seed, index] of edges.entries()) {
        await writeArray(source, model, index, referenceArray(select(shape, index).shape, dtype, 30 + seed))
        await checkHolds(suite, source, model, `an array in which ${JSON.stringify(index)} was written`)
      }
    })
    suite.randomTest('random boxes, from arrays in C order and others', async (scope, random) => {
      const { source, model } = await filled(suite, scope)
      for (let round = 0; round < rounds; round++) {
        const index = randomBox(shape, random)
        const value = referenceArray(select(shape, index).shape, dtype, random.bits())
        const layout = round % 2 === 0 ? value : relaid(value, reversedArray(value.shape, dtype))
        const before = copyOf(layout)
        await writeArray(source, model, index, layout)
        checkArray(layout, before, 'the value that was handed to set')
      }
      await checkStored(suite, source, model, 'an array in which random boxes were written')
    })
    suite.test('empty regions: nothing happens', async (scope) => {
      const { source, model } = await filled(suite, scope)
      const index = shape.map((_, axis) => (axis === 0 ? slice(1, 1) : null))
      await source.set(index, zeros(select(shape, index).shape, dtype))
      await source.set(index, itemAt(reference, ...shape.map(() => 0)))
      await checkStored(suite, source, model, 'an array after empty writes')
    })
    testRefusals(suite)
  })
}

function testRefusals(suite: Suite): void {
  const { reference } = suite
  const { shape, dtype } = reference
  const inner = shape.map((length) => slice(length > 2 ? 1 : 0, null))
  suite.test('refuses values that do not fit, and leaves the data as it is', async (scope) => {
    const { source, model } = await filled(suite, scope)
    for (const { what, value, codes } of refusedValues(select(shape, inner).shape, dtype)) {
      await checkRejects(() => setAnything(source, inner, value), codes, `set of ${what}`)
    }
    await checkStored(suite, source, model, 'an array after refused writes')
  })
  suite.test('refuses indices outside and steps, and leaves the data as it is', async (scope) => {
    const { source, model } = await filled(suite, scope)
    const scalar = itemAt(reference, ...shape.map(() => 0))
    const length = shape[0] ?? 0
    const refused: Index[] = [
      [length],
      [-length - 1],
      [...shape.map(() => 0), 0],
      ['...', '...'],
      [slice(null, null, 2)],
      [slice(0, 2, 2)],
      [slice(0, 1, 0)],
      [0.5]
    ]
    for (const index of refused) await checkRejects(() => source.set(index, scalar), 'ERR_INVALID_INDEX', `set(${JSON.stringify(index)})`)
    await checkStored(suite, source, model, 'an array after refused writes')
  })
  suite.test('an aborted signal fails with its reason, and leaves the data as it is', async (scope) => {
    const { source, model } = await filled(suite, scope)
    const reason = new Error('no longer wanted')
    await checkRejectsWith(() => source.set('...', zeros(shape, dtype), { signal: AbortSignal.abort(reason) }), reason, 'an aborted set')
    await checkStored(suite, source, model, 'an array after an aborted write')
  })
}

/** A new array, filled by the reference, and the model of what it must hold. */
async function filled(suite: Suite, { keep }: Scope): Promise<{ source: Source; model: NdArray }> {
  const { shape, dtype } = suite.reference
  const chunks = suite.backend.creation?.chunks === true ? halfChunks(shape) : undefined
  const source = keep(await suite.create({ shape, dtype, chunks }))
  await source.set('...', suite.reference)
  return { source, model: copyOf(suite.reference) }
}

/** Writes an array to the source and to the model. */
async function writeArray(source: Source, model: NdArray, index: Index, value: NdArray): Promise<void> {
  await source.set(index, value)
  put(model, select(model.shape, index), value)
}

/** Writes the scalar that lies at `position` of another array to the source and to the model. */
async function writeScalar(source: Source, model: NdArray, index: Index, from: NdArray, position: readonly number[]): Promise<void> {
  await source.set(index, itemAt(from, ...position))
  const selection = select(model.shape, index)
  const element = take(from, select(from.shape, [...position, '...']))
  put(model, selection, { ...element, shape: selection.shape, stride: selection.shape.map(() => 0) })
}
