#!/usr/bin/env node
// Runs the built packages over known answers of the precomputed format that others computed: node precomputed-vectors.mjs [FOLDER]
// FOLDER defaults to `precomputed-vectors` in the corpus; without it nothing runs, which is said and is no failure.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { importPackage, projectRoot } from './packages.mjs'

const corpus = process.env.BIOIMAGE_REALDATA ?? join(projectRoot, '../shared/realdata')
const folder = resolve(process.argv[2] ?? join(corpus, 'precomputed-vectors'))
if (!existsSync(folder)) {
  console.log('*** KNOWN ANSWERS OF PRECOMPUTED: NOT RUN, they are not here ***')
  process.exit(0)
}

const { codecRuntime } = await importPackage('@bioimage/codecs')
await importPackage('@bioimage/codecs/image')
const inside = (name) => import(new URL(`../../packages/cloudvolume/dist/${name}.js`, import.meta.url))
const { mortonAxes, mortonBits, mortonCode } = await inside('morton')
const { murmurHash3 } = await inside('murmur-hash3')
const { clipToGrid, minishardBox, parseSharding, placeOf, shardBox, shardName } = await inside('sharding')
const { decodeMinishardIndex } = await inside('minishard-index')
const { buildShard, readShard } = await inside('shard-file')
const { recommendedSharding } = await inside('choose-sharding')
const { chunkName, gridOf } = await inside('scale')
const { alignedBox } = await inside('alignment')
const { scaleKeyOf } = await inside('scale-key')
const { placeOfCloudpath } = await inside('cloudpath')

/** The vectors say nothing of the grid around their shards. */
const anyNumber = Number.POSITIVE_INFINITY

const load = (name) => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex')
const hex = (text) => new Uint8Array(Buffer.from(text, 'hex'))
const types = { uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array, uint64: BigUint64Array }
const bytesFor = (dtype, values) => new Uint8Array(types[dtype].from(values, dtype === 'uint64' ? BigInt : Number).buffer)
const sharding = (given) => parseSharding({ '@type': 'neuroglancer_uint64_sharded_v1', ...given })
const failsWith = (work, code) => assert.rejects(async () => work(), { code })

const coderFor = (codec, dtype, size, channels = 1) => {
  const itemSize = types[dtype].BYTES_PER_ELEMENT
  const shape = [channels, ...size.toReversed()]
  return codecRuntime.coder({ codecs: [codec], byteLength: shape.reduce((product, length) => product * length, itemSize), itemSize, shape })
}
const decode = async (coder, bytes) => coder.decode(bytes, (decoded) => decoded.slice())

const fib = load('fib25-64x64x64')
const formulas = {
  'u64-cubes': (x, y, z) => 1 + Math.floor(x / 5) + 100 * Math.floor(y / 7) + 10000 * Math.floor(z / 11),
  'u32-truncated-chunk': (x, y, z) => Math.floor(x / 9) + Math.floor(y / 9) * 10 + Math.floor(z / 9) * 100
}
const labelsOf = async ({ id, size: [sizeX, sizeY, sizeZ], data_type: dtype }) => {
  if (id.startsWith('fib25')) {
    const coder = await coderFor({ id: 'compressed_segmentation', blockSize: fib.block_size }, 'uint64', fib.size)
    const labels = await decode(coder, gunzipSync(Buffer.from(fib.gzip_base64, 'base64')))
    assert.equal(sha256(labels), fib.raw_sha256)
    return labels
  }
  const values = []
  for (let z = 0; z < sizeZ; z++) for (let y = 0; y < sizeY; y++) for (let x = 0; x < sizeX; x++) values.push(formulas[id](x, y, z))
  return bytesFor(dtype, values)
}

const checks = {
  morton({ size, chunk, bits, grid, cell, code, error }) {
    if (bits !== undefined) {
      assert.deepEqual(mortonBits(gridOf({ size, chunkSize: chunk })), bits)
      return
    }
    const compute = () => mortonCode(cell, grid, mortonAxes(grid))
    if (error) assert.throws(compute)
    else assert.equal(compute(), BigInt(code))
  },
  murmurhash3({ key, seed, low64 }) {
    assert.equal(murmurHash3(BigInt(key), seed), BigInt(low64))
  },
  'shard-location'({ chunk_id: chunk, sharding: given, file, minishard }) {
    const place = placeOf(BigInt(chunk), sharding(given))
    assert.deepEqual([`${shardName(place.shard, sharding(given))}.shard`, place.minishard], [file, minishard])
  },
  'shard-shape'({ size, chunk, sharding: given, box, grid, bits, minishard_box_in_chunks: minishard, shard_box_in_chunks: shard }) {
    const cells = gridOf({ size, chunkSize: chunk })
    if (box === null) {
      assert.equal(shardBox(sharding(given), cells), undefined)
      return
    }
    assert.deepEqual([cells, mortonBits(cells)], [grid, bits])
    assert.deepEqual(clipToGrid(shardBox(sharding(given), cells), cells), clipToGrid(shard, cells))
    assert.deepEqual(clipToGrid(minishardBox(sharding(given), cells), cells), clipToGrid(minishard, cells))
  },
  'sharding-spec'({ sharding: given, valid }) {
    if (valid) parseSharding(given)
    else assert.throws(() => parseSharding(given))
  },
  'shard-params'({ kind, size, chunk, encoding, data_type: dtype, sharding: expected }) {
    if (kind !== 'image') return
    const voxelBytes = types[dtype].BYTES_PER_ELEMENT
    assert.deepEqual(recommendedSharding({ size, chunkSize: chunk, voxelBytes, encoding, shardBytes: 3.5e9 }), parseSharding(expected))
  },
  async 'shard-files'(item) {
    if (item.kind === 'minishard-index') {
      const index = decodeMinishardIndex(hex(item.raw_hex), anyNumber)
      assert.equal(index.chunks.length, item.entries.length)
      return
    }
    const given = parseSharding(item.sharding)
    const plain = async (stored) => {
      if (given.dataEncoding === 'raw') return stored
      return gunzipSync(stored)
    }
    const contentOf = async (chunks) =>
      Object.fromEntries(
        await Promise.all([...chunks].map(async ([chunk, bytes]) => [String(chunk), Buffer.from(await plain(bytes)).toString('hex')]))
      )
    const expected = (entries) => Object.fromEntries(entries.map(({ chunk_id: chunk, data_hex: data }) => [chunk, data]))
    if (item.kind === 'file') {
      const chunks = await readShard(hex(item.file_hex), given, anyNumber)
      assert.deepEqual(await contentOf(chunks), expected(item.entries))
      const again = await buildShard(chunks, given)
      if (again !== undefined) assert.deepEqual(await readShard(again, given, anyNumber), chunks)
    } else if (item.kind === 'corrupt') {
      if (item.rewrite === 'error') await failsWith(() => readShard(hex(item.file_hex), given, anyNumber), 'ERR_CORRUPT_DATA')
      else await readShard(hex(item.file_hex), given, anyNumber)
    } else {
      const chunks =
        item.before_hex === null || item.before_hex === undefined ? new Map() : await readShard(hex(item.before_hex), given, anyNumber)
      for (const { chunk_id: chunk, data_hex: data } of item.write) chunks.set(BigInt(chunk), hex(data))
      for (const chunk of item.delete ?? []) chunks.delete(BigInt(chunk))
      const shard = await buildShard(chunks, given)
      assert.deepEqual(
        await contentOf(shard === undefined ? new Map() : await readShard(shard, given, anyNumber)),
        expected(item.after_entries)
      )
    }
  },
  async 'compressed-segmentation'(item) {
    const { kind, data_type: dtype, size, num_channels: channels, block_size: blockSize } = item
    const coder = await coderFor({ id: 'compressed_segmentation', blockSize }, dtype, size, channels)
    if (kind === 'decode-error') await failsWith(() => decode(coder, hex(item.hex)), 'ERR_CORRUPT_DATA')
    else if (kind === 'encode-error') {
      const labels = BigUint64Array.from({ length: size[0] * size[1] * size[2] }, (_, at) => BigInt(at) * 2654435761n)
      await failsWith(() => coder.encode(new Uint8Array(labels.buffer)), 'ERR_UNSUPPORTED')
    } else if (item.words !== undefined) {
      const [encoded, labels] = [bytesFor('uint32', item.words), bytesFor(dtype, item.values)]
      assert.deepEqual(await decode(coder, encoded), labels)
      if (kind === 'round-trip') assert.deepEqual(new Uint8Array(await coder.encode(labels)), encoded)
    } else if (kind === 'round-trip-hash') {
      const labels = await labelsOf(item)
      const encoded = await coder.encode(labels)
      assert.equal(sha256(encoded), item.sha256)
      assert.equal(sha256(await decode(coder, encoded)), sha256(labels))
    } else {
      // One block with indices of 32 bits: its labels are all different, and their table is sorted.
      const count = size[0] * size[1] * size[2]
      const labels = Uint32Array.from({ length: count }, (_, at) => Number((BigInt(at) * 2654435761n) & 0xffffffffn))
      const table = Uint32Array.from(labels).sort()
      const ranks = new Map(Array.from(table, (label, rank) => [label, rank]))
      const words = Uint32Array.from([1, 2 + count + 32 * 2 ** 24, 2, ...Array.from(labels, (label) => ranks.get(label)), ...table])
      assert.equal(sha256(new Uint8Array(words.buffer)), item.sha256)
      assert.deepEqual(await decode(coder, new Uint8Array(words.buffer)), new Uint8Array(labels.buffer))
    }
  },
  async compresso(item) {
    const stream = item.hex === undefined ? streamOf(item) : hex(item.hex)
    const coder = await coderFor({ id: 'compresso' }, item.data_type ?? 'uint32', item.header?.size ?? [10, 9, 2])
    if (item.kind === 'decode-error') await failsWith(() => decode(coder, stream), 'ERR_CORRUPT_DATA')
    else if (item.values !== undefined) assert.deepEqual(await decode(coder, stream), bytesFor(item.data_type, item.values))
    else assert.equal(sha256(await decode(coder, stream)), item.decoded_sha256)
  },
  volume(item) {
    const scale = { size: item.size, voxelOffset: item.voxel_offset, chunkSize: item.chunk_size }
    if (item.kind === 'chunk-names' || item.kind === 'write') {
      const [start, end] = item.box
      const first = start.map((at, axis) => Math.floor((at - scale.voxelOffset[axis]) / scale.chunkSize[axis]))
      const last = end.map((at, axis) => Math.ceil((at - scale.voxelOffset[axis]) / scale.chunkSize[axis]))
      const names = []
      for (let x = first[0]; x < last[0]; x++)
        for (let y = first[1]; y < last[1]; y++) for (let z = first[2]; z < last[2]; z++) names.push(chunkName(scale, [x, y, z]))
      assert.deepEqual(names.sort(), [...(item.names ?? item.chunks)].sort())
      if (item.nearest_aligned === undefined) return
      const aligned = alignedBox({ start, end }, scale)
      assert.deepEqual([aligned.start, aligned.end], item.nearest_aligned)
    } else if (item.kind === 'create-info') {
      for (const { key, resolution } of item.scales) assert.equal(scaleKeyOf(resolution, key.includes('.')), key)
    } else if (item.kind.startsWith('cloudpath')) {
      if (item.error !== undefined) assert.throws(() => placeOfCloudpath(item.path))
      else assert.ok(placeOfCloudpath(item.path).length > 0)
    }
  }
}

const streamOf = ({ id, gzip_base64: text, origin }) => {
  if (text !== undefined) return new Uint8Array(gunzipSync(Buffer.from(text, 'base64')))
  throw new Error(`${id}: its stream is elsewhere (${origin})`)
}

let passed = 0
let elsewhere = 0
const failures = []
for (const [name, check] of Object.entries(checks)) {
  for (const item of load(name).cases) {
    try {
      if (name === 'compresso' && item.kind === 'decode-hash' && item.gzip_base64 === undefined) {
        elsewhere++
        continue
      }
      await check(item)
      passed++
    } catch (error) {
      failures.push(`FAILED ${name} ${item.id}: ${String(error.message).slice(0, 400)}`)
    }
  }
}
for (const failure of failures) console.log(failure)
if (elsewhere > 0) console.log(`${elsewhere} with data that are not in the folder were left out`)
console.log(`${passed} passed, ${failures.length} failed`)
process.exitCode = failures.length > 0 ? 1 : 0
