import { type Index, itemAt, type NdArray, type Source, slice, zeros } from '@bioimage/core'
import { sizeOf } from '@bioimage/core/backend'
import { sameList } from '../arrays/elements.js'
import { positionAt, select, take } from '../arrays/selection.js'
import { check, checkArray, checkRejects } from '../assert.js'
import { type Open, readArray, type Suite } from '../suite.js'
import { type TableAnswer, tableIndex } from '../tables/indexing-table.js'
import { numpyIndexing } from '../tables/numpy-indexing.generated.js'

export function testIndexing(suite: Suite, open: Open): void {
  const { reference } = suite
  const { shape } = reference
  suite.area('indexing', () => {
    suite.test('reads everything without an index, by null and by an ellipsis', async ({ keep }) => {
      const source = keep(await open())
      checkArray(await source.get(), reference, 'get()')
      for (const index of [[], null, '...', shape.map(() => null)] as const) {
        checkArray(await readArray(source, index), reference, `get(${JSON.stringify(index)})`)
      }
    })
    suite.test('gives scalars for integers alone', async ({ keep }) => {
      const source = keep(await open())
      for (let at = 0; at < sizeOf(shape); at += 1 + Math.floor(sizeOf(shape) / 40)) {
        const position = positionAt(at, shape)
        await checkScalar(source, position, itemAt(reference, ...position))
        await checkScalar(
          source,
          position.map((along, axis) => along - (shape[axis] ?? 0)),
          itemAt(reference, ...position)
        )
      }
    })
    suite.test('counts from the end, clamps, steps and drops axes', async ({ keep }) => {
      const source = keep(await open())
      for (const index of indicesFor(shape)) {
        checkArray(await readArray(source, index), take(reference, select(shape, index)), `get(${JSON.stringify(index)})`)
      }
    })
    suite.test('refuses indices outside, too many, a second ellipsis and steps below 1', async ({ keep }) => {
      const source = keep(await open())
      for (const index of invalidIndices(shape)) {
        await checkRejects(() => source.get(index), 'ERR_INVALID_INDEX', `get(${JSON.stringify(index)})`)
      }
    })
    const table = numpyIndexing.find((table) => sameList(table.shape, shape))
    if (table === undefined) return
    suite.test(`answers ${table.cases.length} indices as numpy does`, async ({ keep }) => checkTable(keep(await open()), reference))
  })
}

/** Compares a source of one of the table's shapes with numpy's answers. */
export async function checkTable(source: Source, reference: NdArray): Promise<void> {
  const table = numpyIndexing.find((table) => sameList(table.shape, reference.shape))
  for (const [entries, answer] of table?.cases ?? []) {
    const index = tableIndex(entries)
    const what = `get(${JSON.stringify(index)}) of shape [${reference.shape.join(', ')}]`
    if (answer === null) await checkRejects(() => source.get(index), 'ERR_INVALID_INDEX', what)
    else await checkAnswer(source, index, answer, reference, what)
  }
}

async function checkAnswer(
  source: Source,
  index: Index,
  [shape, offset, stride, scalar]: TableAnswer,
  reference: NdArray,
  what: string
): Promise<void> {
  const { dtype, data } = reference
  if (scalar === undefined)
    checkArray(await readArray(source, index), sizeOf(shape) === 0 ? zeros(shape, dtype) : { dtype, shape, stride, offset, data }, what)
  else checkSameScalar(await source.get(index), itemAt({ dtype, shape, stride, offset, data }), what)
}

async function checkScalar(source: Source, position: readonly number[], expected: unknown): Promise<void> {
  checkSameScalar(await source.get([...position]), expected, `get([${position.join(', ')}])`)
}

function checkSameScalar(found: unknown, expected: unknown, what: string): void {
  const same =
    Array.isArray(found) && Array.isArray(expected)
      ? found.length === 2 && expected.every((part, at) => Object.is(part, found[at]))
      : Object.is(found, expected)
  check(same, `${what} is ${typeof found} ${String(found)}, expected ${typeof expected} ${String(expected)}`)
}

/** Per axis the cases on which index rules break, alone and behind an ellipsis. */
function indicesFor(shape: readonly number[]): Index[] {
  const indices: Index[] = []
  for (const [axis, length] of shape.entries()) {
    const whole = shape.slice(0, axis).map(() => null)
    const half = length >> 1
    const along = [
      slice(half),
      slice(half, null),
      slice(-1, null),
      slice(-half - 1, -1),
      slice(-length - 5, length + 5),
      slice(length, null),
      slice(half, half),
      slice(length + 3, length + 9),
      slice(half + 1, half - 1),
      slice(null, null, 2),
      slice(1, null, 2),
      slice(null, null, length),
      slice(0, length, length + 7),
      slice(-2, null, 3)
    ]
    for (const range of along) indices.push([...whole, range])
    const rest = shape.slice(axis + 1).map(() => null)
    if (shape.length > 1)
      for (const integer of [0, half, length - 1, -1, -length]) indices.push([...whole, integer], ['...', integer, ...rest])
    indices.push([...whole, slice(0, 1), '...'], ['...', slice(-1, null), ...rest])
  }
  indices.push(
    shape.map(() => slice(1, -1)),
    shape.map(() => slice(null, null, 2)),
    shape.map(() => slice(1, null, 3))
  )
  // Integers and an ellipsis give an array of no axes, integers alone a scalar.
  indices.push([...shape.map(() => 0), '...'])
  return indices
}

function invalidIndices(shape: readonly number[]): Index[] {
  const indices: Index[] = [
    ['...', '...'],
    [...shape.map(() => null), null],
    [...shape.map(() => 0), 0]
  ]
  for (const [axis, length] of shape.entries()) {
    const whole = shape.slice(0, axis).map(() => null)
    for (const integer of [length, -length - 1, length + 1000, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) indices.push([...whole, integer])
    for (const step of [0, -1, 0.5]) indices.push([...whole, slice(null, null, step)])
    indices.push([...whole, slice(0.5, null)])
  }
  return indices
}
