// The built packages against a real S3 server: run by `node tools/s3/run.mjs`, which starts it.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { openCloudvolume } from '../../packages/cloudvolume/dist/index.js'
import { createSource, resolveLocation, slice } from '../../packages/core/dist/index.js'
import '../../packages/s3/dist/index.js'
import { startFaultProxy } from './fault-proxy.mjs'
import { crashGateway, serverSettings } from './server.mjs'

const { endpoint, region, accessKeyId, secretAccessKey, privateBucket, publicBucket } = serverSettings
const signed = (server = endpoint) => ({
  's3.endpoint': server,
  's3.region': region,
  's3.accessKeyId': accessKeyId,
  's3.secretAccessKey': secretAccessKey
})
const anonymous = { 's3.endpoint': endpoint, 's3.anonymous': 'true' }
const storeAt = async (path, credentials = signed()) => (await resolveLocation(path, { credentials })).store
const fails = (work, code) =>
  assert.rejects(work, (error) => {
    assert.equal(error.code, code, error.message)
    assert.ok(!String(error.message).includes(secretAccessKey) && !String(error.message).includes(accessKeyId))
    return true
  })

test('objects, ranges and lists, with names of every sort', async () => {
  const store = await storeAt(`s3://${publicBucket}/names and more`)
  for (const key of ['plain', 'a b+c%/ü?#.bin', "q'()*!~"]) {
    await store.set(key, Uint8Array.of(1, 2, 3, 4, 5))
    assert.deepEqual([...(await store.get(key))], [1, 2, 3, 4, 5])
    assert.equal(await store.size(key), 5)
    assert.deepEqual([...(await store.get(key, { range: { offset: 1, length: 2 } }))], [2, 3])
    assert.deepEqual([...(await store.get(key, { range: { suffixLength: 2 } }))], [4, 5])
    assert.equal((await store.get(key, { range: { offset: 9, length: 2 } })).length, 0)
  }
  const names = []
  for await (const entry of store.list('')) names.push(entry.folder ? `${entry.name}/` : entry.name)
  assert.deepEqual(names.sort(), ['a b+c%/', 'plain', "q'()*!~"])
  assert.equal(await store.get('absent'), undefined)
  await store.delete('plain')
  assert.equal(await store.get('plain'), undefined)
})

test('lists of more than one page', async () => {
  const store = await storeAt(`s3://${privateBucket}/pages`)
  for (let first = 0; first < 1040; first += 40)
    await Promise.all(Array.from({ length: 40 }, (_, at) => store.set(`object-${first + at}`, Uint8Array.of(1))))
  let count = 0
  for await (const _ of store.list('')) count++
  assert.equal(count, 1040)
})

test('anonymous readers see the public bucket and not the private one; wrong keys are refused, for chunks too', async () => {
  await (await storeAt(`s3://${publicBucket}/open`)).set('a', Uint8Array.of(7))
  assert.deepEqual([...(await (await storeAt(`s3://${publicBucket}/open`, anonymous)).get('a'))], [7])
  const closed = await storeAt(`s3://${privateBucket}/x`, anonymous)
  await fails(() => closed.get('a'), 'ERR_ACCESS_DENIED')
  await fails(() => closed.set('a', Uint8Array.of(1)), 'ERR_ACCESS_DENIED')
  const wrong = await storeAt(`s3://${privateBucket}/x`, { ...signed(), 's3.secretAccessKey': 'wrong' })
  await fails(() => wrong.get('a', { chunk: true }), 'ERR_ACCESS_DENIED')
  await fails(() => wrong.set('a', Uint8Array.of(1)), 'ERR_ACCESS_DENIED')
})

test('of several writers that read one revision one wins', async () => {
  const store = await storeAt(`s3://${privateBucket}/conditions`)
  const results = await Promise.allSettled(Array.from({ length: 8 }, (_, at) => store.set('new', Uint8Array.of(at), { ifAbsent: true })))
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
  let revision
  await store.get('new', {
    onRevision: (told) => {
      revision = told
    }
  })
  await store.set('new', Uint8Array.of(9), { ifRevision: revision })
  await fails(() => store.set('new', Uint8Array.of(8), { ifRevision: revision }), 'ERR_CONFLICT')
  await fails(() => store.delete('new', { ifRevision: revision }), 'ERR_CONFLICT')
  assert.deepEqual([...(await store.get('new'))], [9])
})

test('throttled, cut and lost replies are tried again, and a lost reply to a conditional write counts once', async () => {
  for (const fault of ['throttle', 'cut', 'lose']) {
    const proxy = await startFaultProxy(endpoint, ({ number }) => (number % 2 === 0 ? fault : undefined))
    try {
      const store = await storeAt(`s3://${privateBucket}/faults-${fault}`, signed(proxy.origin))
      const bytes = crypto.getRandomValues(new Uint8Array(50_000))
      await store.set('a', bytes, { ifAbsent: true })
      assert.deepEqual(await store.get('a'), bytes)
      let revision
      await store.get('a', {
        onRevision: (told) => {
          revision = told
        }
      })
      await store.set('a', bytes.subarray(0, 10), { ifRevision: revision })
      assert.equal((await store.get('a')).length, 10)
    } finally {
      await proxy.close()
    }
  }
})

const volumeOptions = { shape: [8, 8, 64], dtype: 'uint16', chunks: [4, 4, 4], format: 'cloudvolume', fillMissing: true }

for (const [name, options] of [
  ['plain', {}],
  ['sharded', { shards: [8, 8, 8] }],
  ['labels', { dtype: 'uint64', encoding: 'compressed_segmentation' }]
]) {
  test(`a precomputed volume, ${name}: written and read, also anonymously`, async () => {
    const path = `s3://${publicBucket}/volumes/${name}`
    const context = { credentials: signed() }
    const source = await createSource(path, { ...volumeOptions, ...options, context })
    const values =
      source.dtype === 'uint64'
        ? BigUint64Array.from({ length: 4096 }, (_, at) => BigInt(at % 50))
        : Uint16Array.from({ length: 4096 }, (_, at) => at)
    await source.set([], values)
    await source.set([3, 3, 3], source.dtype === 'uint64' ? 7n : 7)
    await source.close()
    values[(3 * 8 + 3) * 64 + 3] = source.dtype === 'uint64' ? 7n : 7
    for (const credentials of [signed(), anonymous]) {
      const again = await openCloudvolume(path, { context: { credentials } })
      assert.deepEqual((await again.get()).data, values)
      await again.close()
    }
  })
}

test('sharded reads take at most three requests each once the shard is known', async () => {
  let requests = 0
  const counting = (...args) => {
    requests++
    return fetch(...args)
  }
  const source = await openCloudvolume(`s3://${publicBucket}/volumes/sharded`, {
    mode: 'r',
    context: { credentials: anonymous, fetch: counting, cache: false }
  })
  await source.get([0, 0, slice(0, 4)])
  for (const x of [4, 1, 6, 2]) {
    const before = requests
    await source.get([5, 5, slice(x, x + 1)])
    assert.ok(requests - before <= 3, `${requests - before} requests`)
  }
})

for (const [name, layout] of [
  ['plain', {}],
  ['sharded', { shards: [8, 8, 8] }]
]) {
  test(`what is kept on disk is forgotten when it is written, ${name}`, async () => {
    const path = `s3://${privateBucket}/kept/${name}`
    const cache = mkdtempSync(join(tmpdir(), 'bioimage-s3-cache-'))
    const context = { credentials: signed(), cache: false }
    try {
      await (await createSource(path, { ...volumeOptions, ...layout, context })).set([], 1)
      const writer = await openCloudvolume(path, { cache, context })
      const reader = await openCloudvolume(path, { mode: 'r', cache, context })
      for (let value = 2; value < 6; value++) {
        const reading = Promise.all([reader.get(), reader.get([3, slice(), slice(0, 8)])])
        await writer.set([slice(0, 6), slice(), slice(value)], value)
        await reading
        assert.equal(await reader.get([5, 5, 1]), value)
        assert.deepEqual((await reader.get()).data, (await (await openCloudvolume(path, { mode: 'r', context })).get()).data)
      }
      assert.ok(existsSync(join(cache, 's3', privateBucket, 'kept', name, '1_1_1')))
    } finally {
      rmSync(cache, { recursive: true, force: true })
    }
  })
}

const run = promisify(execFile)
const writers = async (path, credentials, meanwhile) => {
  const script = fileURLToPath(new URL('shard-writer.mjs', import.meta.url))
  const processes = [0, 1, 2, 3].map((writer) => run(process.execPath, [script, JSON.stringify({ path, credentials, writer })]))
  await Promise.all([...processes, meanwhile?.()])
}

const checkWritten = async (path) => {
  const source = await openCloudvolume(path, { mode: 'r', context: { credentials: signed() } })
  const { data } = await source.get()
  for (const [at, value] of data.entries()) {
    const start = (at % 64) - (at % 4)
    assert.equal(value, 1000 * (((start / 4) % 4) + 1) + start, `voxel ${at}`)
  }
}

test('four processes write to one shard and nothing is lost', async () => {
  const path = `s3://${privateBucket}/one-shard`
  await (await createSource(path, { ...volumeOptions, shards: [8, 8, 64], context: { credentials: signed() } })).close()
  await writers(path, signed())
  await checkWritten(path)
})

test('the server is killed and started again in the middle of writes, and nothing is lost', async () => {
  const path = `s3://${privateBucket}/killed`
  await (await createSource(path, { ...volumeOptions, shards: [8, 8, 64], context: { credentials: signed() } })).close()
  await writers(path, signed(), async () => {
    await pause(1500)
    await crashGateway(500)
  })
  await checkWritten(path)
})
