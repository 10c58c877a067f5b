/**
 * A process of its own that writes planes of a dataset and adds datasets until it is killed: `node endless-writer.mjs PATH`. Every plane
 * is of one value at any time.
 */
import { createSource, openSource } from '@bioimage/core'
import '@bioimage/hdf5'

const [path] = process.argv.slice(2)
const source = await openSource(path, { internalPath: 'planes', mode: 'r+' })
for (let round = 1; ; round++) {
  for (let plane = 0; plane < source.shape[0]; plane++) {
    await source.set([plane], round % 250)
    if (round === 1 && plane === 0) process.stdout.write('ready\n')
  }
  const added = await createSource(path, { internalPath: `added/${round}`, shape: [8, 8], dtype: 'uint8', gzip: 1 })
  await added.set('...', 7)
  await added.close()
}
