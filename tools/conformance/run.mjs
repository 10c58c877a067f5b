#!/usr/bin/env node
// Runs the built packages over a corpus of files that others wrote, with known answers.
//
//   node tools/conformance/run.mjs [FOLDER] [--format zarr2,zarr3] [--id TEXT] [--level core] [--json OUT]
//
// FOLDER holds a `manifest.json` and the `files` it describes; else the environment variable BIOIMAGE_REALDATA, else
// `../shared/realdata` beside the project. Every entry runs in a child process under limits of time and memory. The exit code is 1
// when an entry fails; without a corpus nothing runs, which is said and is no failure.
import { existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { formats, readableFormats, requireBuilt } from './formats.mjs'
import { readManifest } from './manifest.mjs'
import { projectRoot } from './packages.mjs'
import { runJobs } from './pool.mjs'
import { report, summary } from './report.mjs'

const limits = { milliseconds: 10_000, memoryBytes: 2 ** 30 }

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { format: { type: 'string' }, id: { type: 'string' }, level: { type: 'string' }, json: { type: 'string' } }
})

const folder = resolve(positionals[0] ?? process.env.BIOIMAGE_REALDATA ?? join(projectRoot, '../shared/realdata'))
const manifestFile = join(folder, 'manifest.json')
if (!existsSync(manifestFile)) {
  console.log('*** CONFORMANCE CORPUS: NOT RUN, there is no corpus here ***')
  console.log('Name the folder that holds its manifest.json as argument or in BIOIMAGE_REALDATA.')
  process.exit(positionals.length > 0 ? 1 : 0)
}

const manifest = readManifest(manifestFile)
const entries = Array.isArray(manifest) ? manifest : manifest.entries
const wanted = values.format?.split(',') ?? readableFormats()
const unknown = wanted.filter((format) => !Object.hasOwn(formats, format))
if (unknown.length > 0) {
  console.error(`unknown format ${unknown.join(', ')}; known are ${Object.keys(formats).join(', ')}`)
  process.exit(2)
}
const chosen = entries.filter(
  ({ format, id, level }) =>
    wanted.includes(format) && (values.id === undefined || id.includes(values.id)) && (values.level === undefined || level === values.level)
)
const others = [...new Set(entries.map(({ format }) => format))].filter((format) => !wanted.includes(format))
console.log(`${chosen.length} of ${entries.length} entries${others.length > 0 ? `; not run: ${others.join(', ')}` : ''}\n`)

requireBuilt(wanted)
/** HDF5 has two readers: whatever both can read must be equal. */
const compared = chosen
  .filter(({ format, expect }) => format === 'hdf5' && expect === 'read')
  .map((entry) => ({ ...entry, id: `${entry.id}, by h5wasm too`, expect: 'equal' }))
const outcomes = await runJobs(
  [
    ...chosen.map((entry) => ({ check: 'realdata', entry, folder })),
    ...compared.map((entry) => ({ check: 'hdf5-readers', entry, folder }))
  ],
  { limits }
)
const failures = report(outcomes, { groupOf: ({ format, level, expect }) => [format, level, expect] })
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ limits, outcomes: summary(outcomes) }, null, 1)}\n`)
process.exitCode = failures > 0 || chosen.length === 0 ? 1 : 0
