import { arraySource, type DType, SourceError, zeros } from '@bioimage/core'
import { dtypes } from '@bioimage/core/backend'
import { afterAll, describe, it, test } from 'vitest'
import { copyOf, referenceArray, type TestedBackend, tableShapes, testBackend } from '../src/index.js'
import { makeToy } from './support/toy.js'

const toy = await makeToy()
afterAll(() => toy.remove())

testBackend({ describe, test }, toy.backend())

for (const dtype of ['bool', 'uint8', 'int64', 'float16', 'float32', 'complex64'] as const) {
  testBackend({ describe, it, log: () => {} }, memory(dtype))
}

/** Arrays in memory: the first engine. */
function memory(dtype: DType): TestedBackend {
  const reference = referenceArray([4, 5, 6], dtype, 3)
  return {
    name: `arraySource of ${dtype}`,
    kind: 'array',
    reference,
    chunks: null,
    shards: null,
    capabilities: { store: false, spec: false, write: 'regions' },
    open: async () => arraySource(copyOf(reference)),
    create: async ({ shape, dtype, chunks, shards, fillValue = 0 }) => {
      if (chunks !== undefined || shards !== undefined || Number(fillValue) !== 0)
        throw new SourceError('ERR_UNSUPPORTED', 'memory has no chunks and no fill value')
      return arraySource(zeros(shape, dtype))
    },
    creation: { dtypes, chunks: false, shards: false, fillValue: false, shapes: tableShapes }
  }
}
