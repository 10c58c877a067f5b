import { slice } from '@bioimage/core'
import { copyOf } from '../arrays/elements.js'
import { referenceArray } from '../arrays/reference-array.js'
import { checkRejects } from '../assert.js'
import type { Suite } from '../suite.js'
import { relaid, reversedArray, spreadArray, typedArrayFor } from './out.js'
import { refusedValues } from './refused-values.js'
import { checkHolds, checkStored, createFilled, setAnything } from './written.js'

export function testWriteWhole(suite: Suite): void {
  const { reference, backend } = suite
  const { shape, dtype } = reference
  if (backend.capabilities.write === 'none') return
  suite.area('writing a whole array', () => {
    suite.test('from an array', async (scope) => {
      const value = copyOf(reference)
      const source = await createFilled(suite, scope, { shape, dtype }, value)
      await checkHolds(suite, source, reference, 'an array that was written')
      await checkHolds(suite, source, value, 'the value that was handed to set')
    })
    for (const [name, layout] of Object.entries({ 'with gaps': spreadArray, 'running backwards': reversedArray })) {
      suite.test(`from an array ${name}`, async (scope) => {
        const source = await createFilled(suite, scope, { shape, dtype }, relaid(reference, layout(shape, dtype)))
        await checkHolds(suite, source, reference, `an array that was written from one ${name}`)
      })
    }
    if (typedArrayFor(dtype, 0) !== undefined) {
      suite.test('from a typed array', async (scope) => {
        const source = await createFilled(suite, scope, { shape, dtype }, copyOf(reference).data)
        await checkHolds(suite, source, reference, 'an array that was written from a typed array')
      })
    }
    suite.test('refuses other dtypes, other shapes and steps, and can still be written', async ({ keep }) => {
      const source = keep(await suite.create({ shape, dtype }))
      for (const { what, value, codes } of refusedValues(shape, dtype))
        await checkRejects(() => setAnything(source, '...', value), codes, what)
      const everySecond = shape.map(() => slice(null, null, 2))
      const fewer = referenceArray(
        shape.map((length) => Math.ceil(length / 2)),
        dtype
      )
      await checkRejects(() => source.set(everySecond, fewer), ['ERR_INVALID_INDEX', 'ERR_UNSUPPORTED'], 'set with steps')
      await source.set('...', reference)
      await checkStored(suite, source, reference, 'an array that was written after refused values')
    })
  })
}
