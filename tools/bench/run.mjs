#!/usr/bin/env node
// Measures our Zarr against zarrita, and against zarr-python and tensorstore where Python has them.
//
//   node tools/bench/run.mjs [--size 512] [--rounds 3] [--only whole,gzip] [--json OUT] [--data FOLDER] [--quick]
//
// All libraries work in one run, in turns, each in a process of its own; outputs are hashed before timing counts; the first round is
// thrown away. `--only` takes names of operations, of data sets, and `memory`. `--data` keeps the data sets there for the next run. `--quick`
// takes a small volume and one round: it tells whether everybody reads and writes the same, and nothing about speed.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { countSliceBytes } from './count-bytes.mjs'
import { operationsFor } from './operations.mjs'
import { Participant } from './participant.mjs'
import { printMemory, printOperation, printTargets } from './tables.mjs'
import { variantFor, variants } from './variants.mjs'
import { hashOf, makeVolume } from './volume.mjs'

const { values } = parseArgs({
  options: {
    size: { type: 'string' },
    rounds: { type: 'string' },
    only: { type: 'string' },
    json: { type: 'string' },
    data: { type: 'string' },
    quick: { type: 'boolean', default: false }
  }
})
const size = Number(values.size ?? (values.quick ? 64 : 512))
const rounds = Number(values.rounds ?? (values.quick ? 0 : 3))
if (!Number.isInteger(size) || size < 64 || size % 16 !== 0) throw new Error('--size is a multiple of 16, at least 64')

const here = (name) => fileURLToPath(new URL(name, import.meta.url))
const folder = values.data === undefined ? mkdtempSync(join(tmpdir(), 'bioimage-bench-')) : resolve(values.data)
mkdirSync(folder, { recursive: true })

/** Commands of the libraries. Python's are left out, saying so, where they cannot be installed. */
const commands = () => {
  const known = {
    ours: [process.execPath, ['--expose-gc', here('./js-worker.mjs'), 'ours']],
    zarrita: [process.execPath, ['--expose-gc', here('./js-worker.mjs'), 'zarrita']]
  }
  try {
    const environment = execFileSync('bash', [here('../python-env.sh'), 'bench'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
    const python = environment.trim()
    for (const name of ['zarr-python', 'tensorstore']) known[name] = [python, [here('./python-worker.py'), name]]
  } catch (error) {
    console.log(
      `*** zarr-python and tensorstore are NOT compared: ${String(error.stderr || error.message)
        .trim()
        .split('\n')
        .at(-1)} ***\n`
    )
  }
  return known
}

const start = (name) => new Participant(name, ...libraries[name])

const bytesBelow = (path) =>
  readdirSync(path, { recursive: true, withFileTypes: true }).reduce(
    (sum, entry) => sum + (entry.isFile() ? statSync(join(entry.parentPath, entry.name)).size : 0),
    0
  )

const libraries = commands()
const names = Object.keys(libraries)
const participants = Object.fromEntries(names.map((name) => [name, start(name)]))
const wanted = values.only?.split(',') ?? []
const isWanted = (list) => {
  const mine = list.filter(({ name }) => wanted.includes(name))
  return mine.length > 0 ? mine : list
}

const volume = makeVolume(size)
const rawFile = join(folder, `volume-${size}.u16`)
if (!existsSync(rawFile)) writeFileSync(rawFile, new Uint8Array(volume.buffer))
const operations = operationsFor({ size, volume, rawFile, folder })
writeFileSync(operations.writeRawFile, new Uint8Array(operations.writeVolume.buffer))
const chosenVariants = isWanted(variants).map((variant) => variantFor(variant, size))
const chosenOperations = isWanted(operations.list)

console.log(`${size}^3 uint16, Node ${process.versions.node}, ${cpus().length} x ${cpus()[0]?.model}, rounds: ${rounds}`)
console.log('page cache warm, new memory for every result unless it says "reused", threads as each library has them by default\n')

const paths = {}
const ratios = {}
const maker = participants['zarr-python'] ?? participants.ours
for (const variant of chosenVariants) {
  const path = join(folder, `${variant.name}-${size}.zarr`)
  if (!existsSync(join(path, 'zarr.json'))) await maker.ask({ op: 'write', path, variant, size, rawFile })
  paths[variant.name] = path
  ratios[variant.name] = volume.byteLength / bytesBelow(path)
}
const stored = chosenVariants.map(({ name }) => `${name} ${ratios[name].toFixed(2)}`)
console.log(`compression ratio: ${stored.join(', ')} (written by ${maker.name})\n`)

/** One operation by every library, in turns; `undefined` times for those that cannot do it. */
const measure = async (operation, variant) => {
  const times = Object.fromEntries(names.map((name) => [name, { ms: [], cpuMs: [] }]))
  for (let round = 0; round <= rounds; round++) {
    // The order turns, so that nobody is always the first after the writer or the last before the collector.
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(turn + round) % names.length]
      if (times[name].cannot !== undefined) continue
      const answer = await operation.run({
        participant: participants[name],
        participants,
        variant,
        path: paths[variant.name],
        first: round === 0
      })
      if (answer.cannot !== undefined) times[name].cannot = answer.cannot
      else if (round > 0) {
        times[name].ms.push(answer.ms)
        times[name].cpuMs.push(answer.cpuMs)
      }
    }
  }
  return times
}

const results = []
for (const operation of chosenOperations) {
  const rows = []
  for (const variant of chosenVariants) {
    const times = await measure(operation, variant)
    rows.push({ variant: variant.name, times })
  }
  results.push({ operation: operation.name, title: operation.title, rows })
  if (rounds === 0) console.log(`${operation.title}: everybody has the same values`)
  else printOperation(operation, rows, names)
}

const memory = []
if (wanted.includes('memory') || (wanted.length === 0 && rounds > 0)) {
  for (const variant of chosenVariants) {
    for (const name of names) {
      const alone = start(name)
      const { peakBytes, beforeBytes } = await alone.ask({ op: 'peak', path: paths[variant.name], size })
      alone.end()
      memory.push({ variant: variant.name, library: name, peakBytes, beforeBytes, outputBytes: volume.byteLength })
    }
  }
  printMemory(memory, names)
}

const sliceBytes = paths.raw === undefined ? undefined : await countSliceBytes(paths.raw, size)
if (sliceBytes !== undefined)
  console.log(
    `\n16 voxels of the raw data set: ${sliceBytes.bytes} bytes in ${sliceBytes.requests} requests (a row of a chunk has ${sliceBytes.rowBytes}, a chunk ${sliceBytes.chunkBytes})`
  )
if (sliceBytes !== undefined && sliceBytes.bytes > sliceBytes.rowBytes) throw new Error('a slice reads more than the rows it needs')
for (const participant of Object.values(participants)) participant.end()

if (process.env.CI === 'true' && names.length < 4) process.exitCode = 1
const missed = size === 512 && rounds > 0 ? printTargets(results, memory) : []
if (values.json !== undefined) {
  const machine = { node: process.versions.node, cpus: cpus().map(({ model }) => model), memoryBytes: totalmem() }
  const hash = hashOf(volume)
  writeFileSync(values.json, `${JSON.stringify({ machine, size, rounds, hash, ratios, results, memory, sliceBytes, missed }, null, 1)}\n`)
}
if (values.data === undefined) rmSync(folder, { recursive: true, force: true })
console.log(`\nall outputs equal${rounds === 0 ? ' (no timing: --quick)' : ''}`)
