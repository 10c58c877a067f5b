#!/usr/bin/env node
// Measures HDF5 against h5py, and N5 against zarr-python's N5 store.
//
//   node tools/bench-files/run.mjs [--size 512] [--rounds 3] [--only hdf5,whole,gzip] [--data FOLDER] [--json OUT] [--quick]
//
// Both sides work in one run, in turns, each in a process of its own; everything read in the first round, which is not timed, is hashed
// and compared. `--only` takes formats, data sets and operations. `--quick` takes a small volume and no timing.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { deflateSync } from 'node:zlib'
import { Participant } from '../bench/participant.mjs'
import { printOperation, ratioTo } from '../bench/tables.mjs'
import { cutBox, hashOf, makeVolume, randomBoxes } from '../bench/volume.mjs'
import { printTable } from '../conformance/report.mjs'

const { values } = parseArgs({
  options: {
    size: { type: 'string' },
    rounds: { type: 'string' },
    only: { type: 'string' },
    data: { type: 'string' },
    json: { type: 'string' },
    quick: { type: 'boolean', default: false }
  }
})
const size = Number(values.size ?? (values.quick ? 64 : 512))
const rounds = Number(values.rounds ?? (values.quick ? 0 : 3))
const chunk = Math.min(64, size / 4)
const chunks = [chunk, chunk, chunk]

/** Per format: who is compared, the data sets, and what must hold: our speed over theirs. */
const formats = {
  hdf5: {
    other: 'h5py',
    extension: '.h5',
    variants: [
      { name: 'contiguous', h5py: {} },
      { name: 'raw chunks', h5py: { chunks } },
      { name: 'gzip', h5py: { chunks, compression: 'gzip', compression_opts: 4 } },
      { name: 'shuffle+gzip', h5py: { chunks, compression: 'gzip', compression_opts: 4, shuffle: true } }
    ],
    targets: [
      ['whole', 'contiguous', 1],
      ['whole', 'gzip', 1],
      ['whole', 'shuffle+gzip', 1],
      ['planes', 'gzip', 5]
    ]
  },
  n5: {
    other: 'zarr-n5',
    extension: '.n5',
    variants: [
      { name: 'raw', chunk },
      { name: 'gzip', chunk, gzip: 4 }
    ],
    targets: [
      ['whole', 'raw', 1.5],
      ['whole', 'gzip', 1.5]
    ]
  }
}

const here = (name) => fileURLToPath(new URL(name, import.meta.url))
const pythonOf = () => {
  try {
    const script = [here('../python-env.sh'), 'bench-files']
    return execFileSync('bash', script, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
  } catch (error) {
    const reason = String(error.stderr || error.message)
    console.log(`*** HDF5 AND N5 AGAINST PYTHON: NOT RUN: ${reason.trim().split('\n').at(-1)} ***`)
    process.exit(process.env.CI === 'true' ? 1 : 0)
  }
}

/** A chunk of the file with many. */
const smallChunk = deflateSync(new Uint8Array(8))

const python = pythonOf()
const folder = values.data === undefined ? mkdtempSync(join(tmpdir(), 'bioimage-bench-files-')) : resolve(values.data)
mkdirSync(folder, { recursive: true })
const wanted = values.only?.split(',') ?? []
const chosen = (names) => {
  const mine = names.filter((name) => wanted.includes(name))
  return mine.length > 0 ? mine : names
}

const volume = makeVolume(size)
const rawFile = join(folder, `volume-${size}.u16`)
if (!existsSync(rawFile)) writeFileSync(rawFile, new Uint8Array(volume.buffer))

const planes = Array.from({ length: 16 }, (_, at) => ({
  start: [Math.floor(size / 3) + at, 0, 0],
  stop: [Math.floor(size / 3) + at + 1, size, size]
}))
const edge = Math.min(128, size / 2)
const boxes = { planes, regions: randomBoxes(size, edge, 20, { seed: 42 }) }
const operations = {
  whole: { title: 'whole volume', request: { op: 'whole', size }, expected: hashOf(volume) },
  'whole-reused': { title: 'whole volume, result memory reused', request: { op: 'whole', size, reuse: true }, expected: hashOf(volume) },
  ...Object.fromEntries(
    Object.entries({ planes: '16 planes [z, :, :], one after the other', regions: `20 unaligned regions of ${edge}^3` }).map(
      ([name, title]) => [
        name,
        {
          title,
          request: { op: 'boxes', boxes: boxes[name] },
          expected: hashOf(...boxes[name].map((box) => cutBox(volume, size, box)))
        }
      ]
    )
  )
}

const measure = async (participants, { request, expected }, path) => {
  const times = Object.fromEntries(participants.map(({ name }) => [name, { ms: [], cpuMs: [] }]))
  for (let round = 0; round <= rounds; round++) {
    for (let turn = 0; turn < participants.length; turn++) {
      const participant = participants[(turn + round) % participants.length]
      const time = times[participant.name]
      if (time.cannot !== undefined) continue
      const answer = await participant.ask({ ...request, path, hash: round === 0 })
      if (answer.cannot !== undefined) time.cannot = answer.cannot
      else if (round === 0 && answer.hash !== expected) throw new Error(`${participant.name} gives other values than it should: ${path}`)
      else if (round > 0) {
        time.ms.push(answer.ms)
        time.cpuMs.push(answer.cpuMs)
      }
    }
  }
  return times
}

console.log(
  `${size}^3 uint16, chunks of ${chunk}^3, Node ${process.versions.node}, ${cpus().length} x ${cpus()[0]?.model}, rounds: ${rounds}`
)
console.log('page cache warm, a file opened for every operation, new memory for every result unless it says "reused"\n')
const results = []
const missed = []
for (const format of chosen(Object.keys(formats))) {
  const { other, extension, variants, targets } = formats[format]
  const command = [process.execPath, '--expose-gc', here('../bench/js-worker.mjs'), format]
  const ours = new Participant('ours', command[0], command.slice(1))
  const participants = [ours]
  // numpy asks the system for large pages; of JavaScript's memory only the C library can.
  if (process.platform === 'linux')
    participants.push(new Participant('huge pages', 'env', ['GLIBC_TUNABLES=glibc.malloc.hugetlb=1', ...command]))
  const theirs = new Participant(other, python, [here('python-worker.py'), other])
  participants.push(theirs)
  const paths = {}
  for (const variant of variants) {
    paths[variant.name] = join(folder, `${variant.name.replace(/\W/g, '-')}-${size}${extension}`)
    if (!existsSync(paths[variant.name])) await theirs.ask({ op: 'write', path: paths[variant.name], variant, size, rawFile })
  }
  for (const name of chosen(Object.keys(operations))) {
    const rows = []
    for (const variant of chosen(variants.map(({ name }) => name))) {
      rows.push({ variant, times: await measure(participants, operations[name], paths[variant]) })
    }
    results.push({ format, operation: name, rows })
    const title = `${format}: ${operations[name].title}`
    if (rounds === 0) console.log(`${title}: both have the same values`)
    else
      printOperation(
        { title },
        rows,
        participants.map(({ name }) => name)
      )
    // On a machine with other work, processor time tells more than the clock.
    if (rounds > 0) {
      const least = ({ cpuMs }) => (cpuMs.length === 0 ? '-' : Math.min(...cpuMs).toFixed(0))
      printTable([
        ['processor time, all threads', ...participants.map(({ name }) => name)],
        ...rows.map((row) => [row.variant, ...participants.map(({ name }) => least(row.times[name]))])
      ])
      console.log('')
    }
    for (const [operation, variant, target] of rounds === 0 ? [] : targets) {
      const row = rows.find((row) => row.variant === variant)
      if (operation !== name || row === undefined) continue
      const ratio = ratioTo(row, other)
      const text = `${format}, ${variant}, ${operation}: ${ratio.toFixed(2)} x ${other}, at least ${target}`
      console.log(`  ${ratio >= target ? 'ok    ' : 'MISSED'} ${text}\n`)
      if (ratio < target) missed.push(text)
    }
  }
  if (format === 'hdf5' && rounds > 0 && (wanted.length === 0 || wanted.includes('index'))) {
    const path = join(folder, 'index.h5')
    if (!existsSync(path)) await theirs.ask({ op: 'index', path, chunks: 262_144, raw: smallChunk.toString('hex') })
    const runs = []
    for (let round = 0; round <= rounds; round++) runs.push(await ours.ask({ op: 'index', path }))
    if (runs[0].storedBytes !== 262_144 * smallChunk.length)
      throw new Error(`the chunks of ${path} take other bytes than ${runs[0].storedBytes}`)
    const ms = Math.min(...runs.slice(1).map((run) => run.ms))
    console.log(
      `  ${ms < 500 ? 'ok    ' : 'MISSED'} the index of 262144 chunks: ${ms.toFixed(0)} ms (processor time ${Math.min(...runs.slice(1).map((run) => run.cpuMs)).toFixed(0)} ms), less than 500\n`
    )
    if (ms >= 500) missed.push(`index ${ms} ms`)
    results.push({ format, operation: 'index', ms: runs.map((run) => run.ms) })
  }
  for (const participant of participants) participant.end()
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ size, rounds, results, missed }, null, 1)}\n`)
if (values.data === undefined) rmSync(folder, { recursive: true, force: true })
console.log(`all outputs equal${rounds === 0 ? ' (no timing: --quick)' : ''}`)
