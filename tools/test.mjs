// Checks types, builds and tests every package; the last line says how many tests passed and failed.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'

// `--lane=browser`: the tests in Chromium instead. Further arguments go to nx, such as --projects=@bioimage/core.
const lanes = { node: ['typecheck', 'build', 'test'], browser: ['test-browser'] }
const args = process.argv.slice(2)
const lane = args.find((arg) => arg.startsWith('--lane='))?.slice('--lane='.length) ?? 'node'

const reports = ['packages', 'examples']
  .filter((parent) => existsSync(parent))
  .flatMap((parent) => readdirSync(parent).map((name) => `${parent}/${name}/reports/${lane}.json`))
for (const path of reports) rmSync(path, { force: true })

const forNx = args.filter((arg) => !arg.startsWith('--lane='))
const nx = spawnSync('nx', ['run-many', '-t', ...lanes[lane], '--outputStyle=static', '--nxBail=false', ...forNx], {
  stdio: 'inherit',
  shell: process.platform === 'win32'
})

let passed = 0
let failed = 0
for (const path of reports.filter((report) => existsSync(report))) {
  const report = JSON.parse(readFileSync(path, 'utf8'))
  passed += report.numPassedTests
  failed += report.numFailedTests
  // A test file that does not load has no failed test of its own: count it as one.
  const unloaded = ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed')
  failed += report.testResults.filter(unloaded).length
}
// Types, a build, a late rejection, or nothing ran.
if (failed === 0 && (nx.status !== 0 || passed === 0)) failed = 1
console.log(`\n${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
