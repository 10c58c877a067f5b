import { type DType, itemAt, type ScalarOf } from '@bioimage/core'
import { dtypes } from '@bioimage/core/backend'
import { referenceArray } from '../arrays/reference-array.js'
import { check, checkArray, checkRejects, checkSame } from '../assert.js'
import type { TestCreateOptions } from '../backend.js'
import { readArray, type Suite } from '../suite.js'
import { checkTable } from './indexing.js'
import { checkHolds, createFilled, halfChunks } from './written.js'

export function testCreation(suite: Suite): void {
  const { creation } = suite.backend
  if (creation === undefined) return
  const { shape, dtype } = suite.reference
  suite.area('creation', () => {
    for (const dtype of dtypes) {
      if (creation.dtypes.includes(dtype)) {
        suite.test(`stores ${dtype} to the bit`, async (scope) => {
          const value = referenceArray(shape, dtype, 11)
          const source = await createFilled(suite, scope, { shape, dtype }, value)
          check(source.dtype === dtype, `an array created as ${dtype} has the dtype ${source.dtype}`)
          await checkHolds(suite, source, value, `an array of ${dtype}`)
        })
      } else {
        suite.test(`declares that it does not store ${dtype}: ERR_UNSUPPORTED`, () =>
          checkRefused(suite, { shape, dtype }, `creating ${dtype}`)
        )
      }
    }
    for (const shape of creation.shapes ?? []) {
      suite.test(`stores the shape [${shape.join(', ')}]`, async (scope) => {
        const value = referenceArray(shape, dtype, 12)
        const source = await createFilled(suite, scope, { shape, dtype }, value)
        checkSame(source.shape, shape, 'shape')
        await checkHolds(suite, source, value, `an array of shape [${shape.join(', ')}]`)
        await checkTable(source, value)
      })
    }

    const chunks = halfChunks(shape)
    if (creation.chunks) {
      suite.test('cuts into the chunks that are asked for', async (scope) => {
        const value = referenceArray(shape, dtype, 13)
        const source = await createFilled(suite, scope, { shape, dtype, chunks }, value)
        checkSame(source.chunks, chunks, 'chunks')
        await checkHolds(suite, source, value, `an array in chunks of [${chunks.join(', ')}]`)
      })
    } else {
      suite.test('declares that it does not choose chunks: ERR_UNSUPPORTED', () =>
        checkRefused(suite, { shape, dtype, chunks }, 'creating with chunks')
      )
    }

    const shards = chunks.map((length) => 2 * length)
    if (creation.shards) {
      suite.test('joins chunks into the shards that are asked for', async (scope) => {
        const value = referenceArray(shape, dtype, 14)
        const source = await createFilled(suite, scope, { shape, dtype, chunks, shards }, value)
        checkSame([source.chunks, source.shards], [chunks, shards], 'chunks and shards')
        await checkHolds(suite, source, value, `an array in shards of [${shards.join(', ')}]`)
      })
    } else {
      const given = creation.chunks ? { chunks, shards } : { shards }
      suite.test('declares that it has no shards: ERR_UNSUPPORTED', () =>
        checkRefused(suite, { shape, dtype, ...given }, 'creating with shards')
      )
    }
    testFillValue(suite, dtype)
  })
}

function testFillValue(suite: Suite, dtype: DType): void {
  const { creation } = suite.backend
  const { shape } = suite.reference
  const fill = fillFor(dtype)
  if (fill === undefined) {
    suite.absent('fill values', `none is tested for ${dtype}`)
    return
  }
  const options: TestCreateOptions = { shape, dtype, fillValue: fill }
  if (creation?.fillValue !== true) {
    suite.test('declares that it does not choose a fill value: ERR_UNSUPPORTED', () =>
      checkRefused(suite, options, 'creating with a fill value')
    )
    return
  }
  suite.test('fills what was never written', async ({ keep }) => {
    const source = keep(await suite.create(options))
    const corner = shape.map((length) => length - 1)
    const first = shape.map(() => 0)
    const zero = zeroOf(dtype)
    await source.set(corner, zero)
    const array = await readArray(source)
    checkSame(itemAt(array, ...first), fill, 'an element that was never written')
    checkSame(itemAt(array, ...corner), zero, 'the element that was written')
    const expected = referenceArray(shape, dtype)
    await source.set('...', fill)
    await source.set('...', expected)
    checkArray(await readArray(source), expected, 'an array that was filled and written')
  })
}

async function checkRefused(suite: Suite, options: TestCreateOptions, what: string): Promise<void> {
  await checkRejects(async () => (await suite.create(options)).close(), 'ERR_UNSUPPORTED', what)
}

function fillFor(dtype: DType): number | bigint | boolean | undefined {
  if (dtype === 'bool') return true
  if (dtype === 'int64' || dtype === 'uint64') return 7n
  return dtype === 'complex64' || dtype === 'complex128' ? undefined : 7
}

function zeroOf(dtype: DType): ScalarOf<DType> {
  if (dtype === 'bool') return false
  return dtype === 'int64' || dtype === 'uint64' ? 0n : 0
}
