// Every example, copied out of the workspace and installed with the packed packages, as its author would have it: its types hold,
// it builds and its tests pass there.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packAll, run, temporaryFolder } from './pack.mjs'
import { root, startReport } from './report.mjs'

const report = startReport('examples')
const workspace = temporaryFolder('examples')
const packed = packAll(join(workspace, 'archives'))
const archives = Object.fromEntries(packed.map(({ manifest, tarball }) => [manifest.name, `file:${tarball}`]))

const examples = readdirSync(join(root, 'examples')).filter((name) => existsSync(join(root, 'examples', name, 'package.json')))
const made = /[\\/](node_modules|dist|reports)$/
for (const name of examples) {
  const folder = join(workspace, name)
  cpSync(join(root, 'examples', name), folder, { recursive: true, filter: (path) => !made.test(path) })
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  // All packages, since those that the example names depend on others, which are not in the registry yet.
  const devDependencies = { ...manifest.devDependencies, ...archives }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...manifest, devDependencies }))
  run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder })
  for (const script of ['typecheck', 'build', 'test']) {
    const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', script], { cwd: folder, encoding: 'utf8', timeout: 300_000 })
    if (status !== 0) report.problem(`${name}: npm run ${script}\n${stdout}${stderr}`)
  }
}
if (examples.length === 0) report.problem('there is no example')
report.finish(`${examples.join(', ')}: types, build and tests hold outside the workspace`)
