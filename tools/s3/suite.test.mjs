// The conformance suite of backends on a real S3 server: run by `node tools/s3/run.mjs`, which starts it.
import { describe, it } from 'node:test'
import { cloudvolume } from '../../packages/cloudvolume/dist/index.js'
import { createSource, ndarray, openSource, resolveLocation } from '../../packages/core/dist/index.js'
import '../../packages/s3/dist/index.js'
import { testBackend } from '../../packages/testing/dist/index.js'
import { zarr } from '../../packages/zarr/dist/index.js'
import { serverSettings } from './server.mjs'

// Workers and processes of the suite open sources by their specs, which hold no credentials: those come from the environment.
Object.assign(process.env, {
  AWS_ENDPOINT_URL_S3: serverSettings.endpoint,
  AWS_REGION: serverSettings.region,
  AWS_ACCESS_KEY_ID: serverSettings.accessKeyId,
  AWS_SECRET_ACCESS_KEY: serverSettings.secretAccessKey
})

const reference = ndarray(
  Uint16Array.from({ length: 336 }, (_, at) => (at * 7919) % 65536),
  [6, 7, 8]
)
const root = `s3://${serverSettings.privateBucket}/suite`
const built = (name) => new URL(`../../packages/${name}/dist/index.js`, import.meta.url).href

const precomputed = {
  kind: 'cloudvolume',
  driver: cloudvolume,
  worker: { modules: [built('cloudvolume'), built('s3')] },
  base: { fillMissing: true },
  creation: {
    dtypes: ['uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'uint64', 'float32'],
    chunks: true,
    shards: true,
    fillValue: false,
    shapes: [[0, 3, 2]]
  }
}
const zarr3 = {
  kind: 'zarr',
  driver: zarr,
  worker: { modules: [built('zarr'), built('s3')] },
  base: { codecs: [{ id: 'gzip', level: 1 }] },
  creation: {
    dtypes: [
      'bool',
      'int8',
      'int16',
      'int32',
      'int64',
      'uint8',
      'uint16',
      'uint32',
      'uint64',
      'float16',
      'float32',
      'float64',
      'complex64',
      'complex128'
    ],
    chunks: true,
    shards: true,
    fillValue: true,
    shapes: [[], [0, 3]]
  }
}

let created = 0
for (const [name, format, layout] of [
  ['plain', precomputed, { chunks: [4, 3, 5] }],
  ['sharded', precomputed, { chunks: [4, 3, 5], shards: [4, 6, 10] }],
  ['plain', zarr3, { chunks: [4, 3, 5] }]
]) {
  const { kind, driver, worker, base, creation } = format
  const path = `${root}/${kind}-${name}`
  let written
  const write = async () => {
    const source = await createSource(path, { format: kind, shape: reference.shape, dtype: 'uint16', overwrite: true, ...base, ...layout })
    await source.set([], reference)
    await source.close()
  }
  testBackend(
    { describe, it },
    {
      name: `${kind} ${name}, on S3`,
      kind,
      driver,
      reference,
      chunks: layout.chunks,
      shards: layout.shards ?? null,
      capabilities: { store: true, spec: { worker }, write: 'regions' },
      open: async ({ wrap, context, signal }) => {
        written ??= write()
        await written
        return openSource(wrap((await resolveLocation(path, {})).store), { format: kind, context, signal })
      },
      create: (asked) =>
        createSource(`${root}/${kind}-new-${created++}`, {
          format: kind,
          overwrite: true,
          ...base,
          ...asked
        }),
      creation
    }
  )
}
