#!/usr/bin/env node
// Runs the built packages over generated edge cases.
//
//   node tools/conformance/fixtures.mjs FOLDER [--format zarr2,zarr3] [--id TEXT] [--json OUT]
//
// FOLDER holds a `manifest.json` in one of two forms: entries with `path`, `key`, `sha256`, `rois`, `error`, `errorKind`, `stage`
// (arrays in containers), or entries with `file`, `key`, `expect`, `error`, `alternative` (single files).
import { existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { readableFormats, requireBuilt } from './formats.mjs'
import { readManifest } from './manifest.mjs'
import { runJobs } from './pool.mjs'
import { report, summary } from './report.mjs'

const limits = { milliseconds: 10_000, memoryBytes: 2 ** 28 }

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { format: { type: 'string' }, id: { type: 'string' }, json: { type: 'string' } }
})
const folder = positionals[0] === undefined ? undefined : resolve(positionals[0])
if (folder === undefined || !existsSync(join(folder, 'manifest.json'))) {
  console.error('usage: node tools/conformance/fixtures.mjs FOLDER [--format LIST] [--id TEXT] [--json OUT]; FOLDER holds a manifest.json')
  process.exit(2)
}

/** Both forms in the words of the first. */
const normalize = (entry) => {
  if (entry.file === undefined) return { ...entry, path: join(folder, entry.path) }
  const { file, expect, error, ...rest } = { ...entry, ...entry.alternative }
  return {
    ...rest,
    path: join(folder, file),
    singleFile: entry.format !== 'hdf5',
    level: 'core',
    ...(expect === 'error' && { error: true, errorKind: error, eitherStage: true })
  }
}

const wanted = values.format?.split(',') ?? readableFormats()
const chosen = readManifest(join(folder, 'manifest.json'))
  .entries.filter(({ format, id }) => wanted.includes(format) && (values.id === undefined || id.includes(values.id)))
  .map(normalize)

requireBuilt(chosen.map(({ format }) => format))
const outcomes = await runJobs(
  chosen.map((entry) => ({ check: 'fixture', entry, folder })),
  { limits }
)
const failures = report(outcomes, { groupOf: ({ format, level, error }) => [format, level, error ? 'error' : 'read'] })
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ limits, outcomes: summary(outcomes) }, null, 1)}\n`)
process.exitCode = failures > 0 || chosen.length === 0 ? 1 : 0
