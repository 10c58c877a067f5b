// A process that writes to one chunk again and again: whole, each time reading back what it wrote, or the first voxel alone. It is built
// for the test that runs it.
import { argv, exit } from 'node:process'
import { openSource, slice } from '@bioimage/core'
import '../../src/index.js'

const { folder, compress, part, rounds } = JSON.parse(argv[2] ?? '')
const source = await openSource(folder, { format: 'cloudvolume', mode: 'r+', compress })
for (let round = 1; round <= rounds; round++) {
  const value = round % 256
  if (part === 'first') {
    await source.set([0, 0, 0], value)
    continue
  }
  await source.set([], value)
  const { data } = await source.get([slice(), slice(), slice(1, 4)])
  if (Array.from(data, Number).some((found) => found !== value)) {
    console.log(`round ${round}: wrote ${value}, read ${data}`)
    exit(1)
  }
}
await source.close()
