#!/usr/bin/env node
// Measures @bioimage/nifti against nibabel, in turns, each in a process of its own:
//
//   node tools/bench/nifti.mjs --python PYTHON [--depth 256] [--rounds 3]
//
// The volume has DEPTH planes of 512 x 512 int16, smooth structure with noise. The first round is not counted, but all that it read is
// hashed and compared. The minimum of the others counts; memory is new, the page cache warm.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { importPackage } from '../conformance/packages.mjs'
import { Participant } from './participant.mjs'

const { values } = parseArgs({
  options: { python: { type: 'string' }, depth: { type: 'string', default: '256' }, rounds: { type: 'string', default: '3' } }
})
const depth = Number(values.depth)
const rounds = Number(values.rounds)
const shape = [depth, 512, 512]
const here = dirname(fileURLToPath(import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'bioimage-nifti-bench-'))
const path = (name) => join(folder, name)

const { createSource, slice } = await importPackage('@bioimage/core')
await importPackage('@bioimage/nifti')
const { readFile, writeFile } = await import('node:fs/promises')

let state = 1
const random = () => {
  state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
  return state >> 8
}

/** The same volume as .nii, .nii with factors in its header, and .nii.gz. */
const makeFiles = async () => {
  const sources = [
    await createSource(path('plain.nii'), { shape, dtype: 'int16' }),
    await createSource(path('packed.nii.gz'), { shape, dtype: 'int16', level: 6 })
  ]
  const plane = new Int16Array(512 * 512)
  for (let z = 0; z < depth; z++) {
    for (let at = 0; at < plane.length; at++) {
      plane[at] = 1000 * Math.sin((at % 512) / 50) + 800 * Math.sin(at / 20480) + 600 * Math.sin(z / 30) + (random() & 31)
    }
    for (const source of sources) await source.set([slice(z, z + 1)], plane)
  }
  for (const source of sources) await source.close()
  const bytes = await readFile(path('plain.nii'))
  bytes.writeFloatLE(0.5, 112)
  bytes.writeFloatLE(-3, 116)
  await writeFile(path('scaled.nii'), bytes)
}

const boxes = (count, length) =>
  Array.from({ length: count }, () => {
    const start = shape.map((size) => random() % (size - length))
    return { start, stop: start.map((from) => from + length) }
  })

let failed = false
const measure = async (title, participants, request) => {
  const best = new Map()
  const hashes = new Set()
  for (let round = 0; round <= rounds; round++) {
    for (const participant of participants) {
      const answer = await participant.ask({ ...request, hash: round === 0 })
      if (round === 0) hashes.add(answer.hash)
      else if (!(best.get(participant.name)?.ms <= answer.ms)) best.set(participant.name, answer)
    }
  }
  if (hashes.size > 1) {
    failed = true
    console.log(`${title}: the values DIFFER`)
  }
  const [ours, theirs] = participants.map(({ name }) => best.get(name))
  const text = [`${title}:`, `ours ${ours.ms.toFixed(1)} ms (CPU ${ours.cpuMs.toFixed(1)})`]
  if (theirs !== undefined) {
    text.push(`nibabel ${theirs.ms.toFixed(1)} ms (CPU ${theirs.cpuMs.toFixed(1)})`)
    text.push(`${(theirs.ms / ours.ms).toFixed(2)} x (CPU ${(theirs.cpuMs / ours.cpuMs).toFixed(2)} x)`)
  }
  console.log(text.join('  '))
}

const participants = [new Participant('ours', process.execPath, ['--expose-gc', join(here, 'nifti-worker.mjs')])]
if (values.python !== undefined) participants.push(new Participant('nibabel', values.python, [join(here, 'nifti-worker.py')]))
else console.log('NOT COMPARED with nibabel: give its Python by --python')
try {
  await makeFiles()
  console.log(`${shape.join(' x ')} int16, ${rounds} rounds`)
  await measure('.nii whole', participants, { operation: 'whole', path: path('plain.nii') })
  await measure('.nii whole, scaled to float64', participants, { operation: 'whole', path: path('scaled.nii') })
  await measure('.nii whole, scaled to float32', participants, {
    operation: 'whole',
    path: path('scaled.nii'),
    options: { dtype: 'float32' }
  })
  await measure('.nii, 10 regions of 96 x 96 x 96', participants, { operation: 'regions', path: path('plain.nii'), boxes: boxes(10, 96) })
  await measure('.nii.gz whole', participants, { operation: 'whole', path: path('packed.nii.gz') })
  await measure('.nii.gz, making the index', participants.slice(0, 1), { operation: 'index', path: path('packed.nii.gz') })
  await measure('.nii.gz, 5 regions of 96 x 96 x 96', participants, {
    operation: 'regions',
    path: path('packed.nii.gz'),
    boxes: boxes(5, 96)
  })
  await measure('.nii.gz, 10 regions of 16 x 16 x 16', participants, {
    operation: 'regions',
    path: path('packed.nii.gz'),
    boxes: boxes(10, 16)
  })
  const alone = new Participant('ours', process.execPath, [join(here, 'nifti-worker.mjs')])
  const one = { operation: 'regions', path: path('packed.nii.gz'), boxes: [{ start: [0, 100, 100], stop: [depth, 356, 356] }] }
  const idle = await alone.ask({ operation: 'regions', path: path('packed.nii.gz'), boxes: [] })
  const read = await alone.ask(one)
  const region = (depth * 256 * 256 * 2) / 2 ** 20
  console.log(`.nii.gz, peak memory of a region of ${region} MiB: ${(read.rssMiB - idle.rssMiB).toFixed(0)} MiB more than before it`)
  alone.end()
} finally {
  for (const participant of participants) participant.end()
  rmSync(folder, { recursive: true, force: true })
}
process.exitCode = failed ? 1 : 0
