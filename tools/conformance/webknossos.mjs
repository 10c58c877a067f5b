#!/usr/bin/env node
// Runs the built @bioimage/webknossos over recorded replies of a real server and over WKW files of the reference implementation.
//
//   node tools/conformance/webknossos.mjs [FOLDER]
//
// FOLDER is that of the corpus: it holds `webknossos` (tapes and known answers) and `wkw`, and `../tools/wk-replay.mjs` beside it plays
// the tapes. Without it nothing runs, which is said and is no failure.
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { importPackage, projectRoot } from './packages.mjs'

const folder = resolve(process.argv[2] ?? process.env.BIOIMAGE_REALDATA ?? join(projectRoot, '../shared/realdata'))
const replayFile = join(folder, '../tools/wk-replay.mjs')
if (!existsSync(join(folder, 'webknossos')) || !existsSync(replayFile)) {
  console.log('*** RECORDINGS OF WEBKNOSSOS: NOT RUN, there are none here ***')
  process.exit(process.argv.length > 2 ? 1 : 0)
}

const { createSource, fromSpec, isSourceError, listArrays, openSource } = await importPackage('@bioimage/core')
const { bytesOf } = await importPackage('@bioimage/core/backend')
const { listLayers, listMags, openWebknossos } = await importPackage('@bioimage/webknossos')
const { startReplay } = await import(pathToFileURL(replayFile).href)

const sha256 = (data) => createHash('sha256').update(bytesOf(data)).digest('hex')
const json = (...parts) => JSON.parse(readFileSync(join(folder, ...parts), 'utf8'))
let passed = 0
let failed = 0
const check = async (title, work) => {
  try {
    await work()
    passed++
  } catch (error) {
    failed++
    console.log(`FAILED ${title}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
const same = (found, expected, what) => {
  if (JSON.stringify(found) !== JSON.stringify(expected)) throw new Error(`${what} is ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`)
}
const context = { cache: false }
const dataset = '59e9cfbdba632ac2ab8b23b5'
const annotation = '69270ba1010000ca00110a99'
const known = json('webknossos', 'known-answers.json')

/** Runs `work` against a replay; a request that no tape answers is a failure. */
const withReplay = async (options, work) => {
  const replay = await startReplay(options)
  try {
    await work(replay)
    if (replay.misses.length > 0) throw new Error(`no tape answers ${replay.misses.map(({ method, url }) => `${method} ${url}`).join(', ')}`)
  } finally {
    await replay.close()
  }
}

/** Boxes of the corpus by one transport. The tapes have buckets of the finest and coarsest magnification of color only. */
for (const box of known.boxes) {
  const { datasetId, layer: layerName, mag, alignedOffset, shapeZYX } = box
  const size = shapeZYX.toReversed().map((length, axis) => length * mag[axis])
  const hasBuckets = datasetId === dataset && layerName === 'color' && (mag[0] === 1 || mag[0] === 16)
  for (const transport of hasBuckets ? ['cuboid', 'buckets'] : ['cuboid']) {
    await check(`${box.dataset}/${layerName}/${mag.join('-')} by ${transport}`, () =>
      withReplay({}, async ({ url }) => {
        const source = await openWebknossos(`${url}/datasets/${datasetId}`, { layerName, mag, offset: alignedOffset, size, transport, context })
        same(source.shape, shapeZYX, 'the shape')
        same(source.dtype, box.dtype, 'the dtype')
        const { data } = await source.get()
        same(sha256(data), box.sha256, 'the hash')
        same(data.reduce((sum, value) => sum + value, 0), box.sum, 'the sum')
        same(sha256((await (await fromSpec(source.toSpec(), context)).get()).data), box.sha256, 'the hash after a way through the spec')
      })
    )
  }
}

for (const bucketHeaders of ['legacy', 'new', 'both']) {
  await check(`the whole coarsest level, ${bucketHeaders} headers`, () =>
    withReplay({ bucketHeaders }, async ({ url, log }) => {
      const source = await openWebknossos(`${url}/datasets/${dataset}`, { layerName: 'color', mag: '16-16-4', context })
      same(source.shape, known.fullLevel.shapeZYX, 'the shape')
      same(sha256((await source.get()).data), known.fullLevel.sha256, 'the hash')
      same(log.filter(({ method }) => method === 'POST').length, 1, 'the number of requests for voxels')
    })
  )
}
for (const options of [{ failFirst: 1 }, { shortFirst: 1 }, { failFirst: 2, bucketHeaders: 'new' }]) {
  await check(`a server that fails at first, ${JSON.stringify(options)}`, () =>
    withReplay(options, async ({ url }) => {
      const source = await openWebknossos(`${url}/datasets/${dataset}`, { layerName: 'color', mag: '16-16-4', context })
      same(sha256((await source.get()).data), known.fullLevel.sha256, 'the hash')
    })
  )
}
await check('a server that fails for good', () =>
  withReplay({ failFirst: 99 }, async ({ url }) => {
    const source = await openWebknossos(`${url}/datasets/${dataset}`, { layerName: 'color', mag: '16-16-4', context })
    const error = await source.get().then(() => undefined, (reason) => reason)
    if (!isSourceError(error, 'ERR_IO')) throw new Error(`found ${String(error)}, expected ERR_IO`)
  })
)
await check('the volume layer of an annotation', () =>
  withReplay({}, async ({ url, log }) => {
    const options = { layerName: 'Volume', mag: '16-16-4', offset: [3072, 3072, 1024], size: [1024, 1024, 128], context }
    const source = await openWebknossos(`${url}/annotations/${annotation}`, options)
    same(log.length, 3, 'the number of requests to open it')
    const { data } = await source.get()
    same([source.dtype, data.filter((value) => value === 1).length, data.filter((value) => value > 1).length], ['uint32', 333, 0], 'what it holds')
  })
)
await check('an empty bucket of an annotation', () =>
  withReplay({}, async ({ url }) => {
    const options = { layerName: 'Volume', mag: '16-16-4', offset: [0, 0, 0], size: [512, 512, 128], context }
    same((await (await openWebknossos(`${url}/annotations/${annotation}`, options)).get()).data.some((value) => value !== 0), false, 'a value that is not 0')
  })
)
await check('every way to name a dataset', () =>
  withReplay({}, async ({ url }) => {
    const paths = [dataset, `${dataset}/view`, `l4_sample-${dataset}`, `any%20name-${dataset}/view`, 'Organization_X/l4_sample', 'Organization_X/l4_sample/view']
    for (const path of paths) {
      const source = await openWebknossos(`${url}/datasets/${path}?token=x#1,2,3`, { layerName: 'color' })
      same(source.toSpec().path, `${url}/datasets/${dataset}/view`, `the spec's path for ${path}`)
    }
  })
)
await check('the lists of a dataset', () =>
  withReplay({}, async ({ url }) => {
    const where = `${url}/datasets/${dataset}`
    same(await listLayers(where), ['color', 'segmentation'], 'the layers')
    same(await listMags(where, 'color'), ['1', '2-2-1', '4-4-1', '8-8-2', '16-16-4'], 'the magnifications')
    const arrays = await listArrays(where)
    same(arrays.find(({ internalPath }) => internalPath === 'color/16-16-4')?.shape, [256, 64, 64], 'the shape of the coarsest level')
    const source = await openSource(where, { layerName: 'segmentation' })
    same(String(source.largestSegmentId), '2504697', 'the largest segment id')
  })
)
await check('a magnification that is not there', () =>
  withReplay({}, async ({ url }) => {
    const error = await openWebknossos(`${url}/datasets/${dataset}`, { layerName: 'color', mag: '8-8-1' }).then(() => undefined, (reason) => reason)
    if (!isSourceError(error, 'ERR_NOT_FOUND') || !error.message.includes('8-8-2')) throw new Error(`found ${String(error)}`)
  })
)
await check('a dataset of three channels', () =>
  withReplay({}, async ({ url }) => {
    const source = await openWebknossos(`${url}/datasets/69aed5416eb20671afef7730`)
    same([source.dtype, source.shape], ['uint8', [3, 24, 24, 24]], 'dtype and shape')
  })
)
await check('a layer without a data store of its own address', () =>
  withReplay({}, async ({ url }) => {
    const source = await openWebknossos(`${url}/datasets/${dataset}`, { layerName: 'color', mag: '16-16-4', datastoreUrl: url, context })
    same(sha256((await source.get()).data), known.fullLevel.sha256, 'the hash')
  })
)

const made = mkdtempSync(join(tmpdir(), 'bioimage-wkw-'))
for (const item of json('wkw', 'manifest.json').cases) {
  const { name, channels, boxes, dtype, blockLen, fileVoxels, blockTypeName, files } = item
  const path = join(folder, 'wkw', name)
  const indexOf = ({ offsetXYZ, sizeXYZ }) => offsetXYZ.map((start, axis) => ({ start, stop: start + sizeXYZ[axis] })).reverse()
  const shape = [0, 1, 2].map((axis) => Math.max(...boxes.map(({ offsetXYZ, sizeXYZ }) => offsetXYZ[2 - axis] + sizeXYZ[2 - axis])))
  const whole = channels === 1 ? shape : [...shape, channels]
  for (const box of boxes) {
    await check(`${name}, ${box.kind}`, async () => {
      const source = await openSource(path, { format: 'wkw', shape: whole })
      const values = await source.get(indexOf(box))
      same([source.dtype, values.shape.slice(0, 3)], [dtype, box.shapeZYX], 'dtype and shape')
      same(sha256(values.data), box.sha256, 'the hash')
    })
  }
  await check(`${name}, written again`, async () => {
    const written = boxes.find(({ kind }) => kind === 'written')
    const values = await (await openSource(path, { format: 'wkw', shape: whole })).get(indexOf(written))
    const cube = (edge) => [edge, edge, edge, ...(channels === 1 ? [] : [channels])]
    const copy = await createSource(join(made, name), {
      format: 'wkw',
      shape: whole,
      dtype,
      chunks: cube(blockLen),
      shards: cube(fileVoxels),
      blockType: blockTypeName.toLowerCase()
    })
    await copy.set(indexOf(written), values)
    same(sha256((await copy.get(indexOf(written))).data), written.sha256, 'the hash')
    if (blockTypeName !== 'RAW') return
    for (const file of files) {
      const hash = createHash('sha256').update(readFileSync(join(made, name, file.path))).digest('hex')
      same(hash, file.sha256, `the hash of ${file.path}`)
    }
  })
}
rmSync(made, { recursive: true, force: true })

console.log(`\n${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
