#!/usr/bin/env node
// Measures our TIFF against tifffile by its defaults: whole stacks, and a region as the Python package reads it, which decodes a
// compressed stack whole first.
//
//   node tools/bench/tif.mjs [--pages 128] [--edge 1024] [--rounds 3] [--data FOLDER] [--python PYTHON]
//
// Both work in turns in one run, each in a process of its own; all outputs are hashed and compared; the first round is thrown away.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Participant } from './participant.mjs'

const { values } = parseArgs({
  options: {
    pages: { type: 'string', default: '128' },
    edge: { type: 'string', default: '1024' },
    rounds: { type: 'string', default: '3' },
    data: { type: 'string' },
    python: { type: 'string' }
  }
})
const [pages, edge, rounds] = [values.pages, values.edge, values.rounds].map(Number)
const here = (name) => fileURLToPath(new URL(name, import.meta.url))
const folder = values.data === undefined ? mkdtempSync(join(tmpdir(), 'bioimage-bench-')) : resolve(values.data)
mkdirSync(folder, { recursive: true })
const python = values.python ?? execFileSync('bash', [here('../python-env.sh'), 'bench'], { encoding: 'utf8' }).trim()

const startOurs = () => new Participant('ours', process.execPath, ['--expose-gc', here('./tif-worker.mjs')])
const participants = [startOurs(), new Participant('tifffile', python, [here('./tif-worker.py')])]
const [, tifffile] = participants

/** A block in the middle: 64 planes where there are as many. */
const region = [pages, edge, edge].map((length, axis) => {
  const size = Math.min(length, axis === 0 ? 64 : 256)
  const start = Math.floor((length - size) / 2)
  return [start, start + size]
})

try {
  const { paths } = await tifffile.ask({ op: 'make', folder, pages, edge })
  console.log(`${pages} pages of ${edge} x ${edge} uint16, best of ${rounds} rounds, milliseconds; factor > 1: ours is faster\n`)
  console.log('file            what      ours  tifffile  factor')
  for (const [name, path] of Object.entries(paths)) {
    for (const [what, box] of [
      ['whole', undefined],
      ['region', region]
    ]) {
      const best = participants.map(() => Number.POSITIVE_INFINITY)
      for (let round = 0; round <= rounds; round++) {
        const hashes = new Set()
        for (const [at, participant] of participants.entries()) {
          const { ms, hash } = await participant.ask({ op: 'read', path, ...(box && { box }) })
          hashes.add(hash)
          if (round > 0 || rounds === 0) best[at] = Math.min(best[at], ms)
        }
        if (hashes.size !== 1) throw new Error(`${name}, ${what}: we read other values than tifffile`)
      }
      const [ours, theirs] = best
      console.log(
        `${name.padEnd(15)} ${what.padEnd(6)} ${ours.toFixed(0).padStart(7)} ${theirs.toFixed(0).padStart(9)} ${(theirs / ours).toFixed(2).padStart(7)}`
      )
    }
  }
  for (const name of ['none', 'deflate-tiles']) {
    const alone = startOurs()
    const { growthMiB } = await alone.ask({ op: 'memory', path: paths[name], box: region })
    console.log(`memory of a region, ${name}: ${growthMiB.toFixed(0)} MiB for ${(2 * 64 * 256 * 256) / 2 ** 20} MiB`)
    alone.end()
  }
} finally {
  for (const participant of participants) participant.end()
  if (values.data === undefined) rmSync(folder, { recursive: true, force: true })
}
