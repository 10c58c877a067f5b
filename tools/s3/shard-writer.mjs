// One of several processes that write to the same shards: every fourth voxel plane, chunk by chunk, of a volume of shape [8, 8, 64].
import { openCloudvolume } from '../../packages/cloudvolume/dist/index.js'
import '../../packages/s3/dist/index.js'

const { path, credentials, writer } = JSON.parse(process.argv[2])
const source = await openCloudvolume(path, { mode: 'r+', fillMissing: true, context: { credentials } })
for (let x = writer * 4; x < 64; x += 16) {
  const block = new Uint16Array(8 * 8 * 4).fill(1000 * (writer + 1) + x)
  await source.set([null, null, { start: x, stop: x + 4 }], block)
}
await source.close()
