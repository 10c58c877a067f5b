import { createSource } from '@bioimage/core'
import { testProcesses } from '@bioimage/testing/processes'
import { describe, it } from 'vitest'
import '@bioimage/n5'

testProcesses(
  { describe, it },
  {
    name: 'n5',
    module: new URL('../dist/index.js', import.meta.url).href,
    shards: false,
    create: ({ path, shape, chunks }) =>
      createSource(`${path}.n5`, { shape, dtype: 'uint8', chunks, compression: { type: 'gzip', level: 1 } })
  }
)
