// Checks types, builds and tests every package; the last line says how many tests passed and failed.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'

const folders = ['packages', 'examples']
  .filter((parent) => existsSync(parent))
  .flatMap((parent) => readdirSync(parent).map((name) => `${parent}/${name}/reports`))
for (const folder of folders) rmSync(folder, { recursive: true, force: true })

const targets = ['typecheck', 'build', 'test']
const nx = spawnSync('nx', ['run-many', '-t', ...targets, '--outputStyle=static', '--nxBail=false', ...process.argv.slice(2)], {
  stdio: 'inherit',
  shell: process.platform === 'win32'
})

let passed = 0
let failed = 0
for (const folder of folders.filter((name) => existsSync(name))) {
  for (const file of readdirSync(folder)) {
    const report = JSON.parse(readFileSync(`${folder}/${file}`, 'utf8'))
    passed += report.numPassedTests
    failed += report.numFailedTests
    // A test file that does not load has no failed test of its own: count it as one.
    const unloaded = ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed')
    failed += report.testResults.filter(unloaded).length
  }
}
// Types, a build, a late rejection, or nothing ran.
if (failed === 0 && (nx.status !== 0 || passed === 0)) failed = 1
console.log(`\n${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
