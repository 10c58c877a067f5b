// Exchanges arrays with Python, format by format: node tools/interop/run.mjs --python PYTHON [--seed NUMBER] [format ...]
// A format is one module in formats/ and one script of the same name beside it, see exchange.mjs.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { exchange } from './exchange.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { python: { type: 'string' }, seed: { type: 'string' } }
})
const python = values.python
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
console.log(`seed ${seed} (repeat with --seed ${seed})`)

const formats = fileURLToPath(new URL('formats/', import.meta.url))
const known = readdirSync(formats)
  .filter((name) => name.endsWith('.mjs'))
  .map((name) => name.slice(0, -'.mjs'.length))
const names = positionals.length > 0 ? positionals : known
const folder = mkdtempSync(join(tmpdir(), 'bioimage-interop-'))
let passed = 0
let failed = 0
try {
  for (const name of names) {
    const format = await import(new URL(`formats/${name}.mjs`, import.meta.url))
    const outcomes = await exchange({ name, format, python, seed, folder: join(folder, name) })
    const bad = outcomes.filter(({ problem }) => problem !== undefined)
    for (const { title, problem } of bad) console.log(`FAILED ${name}: ${title}\n       ${problem}`)
    console.log(`${name}: ${outcomes.length - bad.length} of ${outcomes.length} right`)
    passed += outcomes.length - bad.length
    failed += bad.length
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
if (passed === 0 && failed === 0) failed = 1
console.log(`\n${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
