// publint and attw (are the types wrong?) on every packed package.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { entriesOf, packAll, temporaryFolder } from './pack.mjs'
import { root, startReport } from './report.mjs'

const report = startReport('package lint')
const tool = (name) => join(root, 'tools', 'checks', 'node_modules', '.bin', name)
const packed = packAll(temporaryFolder('lint'))
const lint = (name, command, args) => {
  const { status, stdout, stderr } = spawnSync(tool(command), args, { encoding: 'utf8' })
  if (status !== 0) report.problem(`${name}: ${command}\n${stdout}${stderr}`)
}
for (const { name, manifest, tarball } of packed) {
  for (const [dependency, range] of Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies })) {
    const isExact = /^(workspace:.*|\d+\.\d+\.\d+)$/.test(range)
    if (!isExact) report.problem(`${name}: ${dependency} has the range ${range}; versions are exact`)
  }
  lint(name, 'publint', ['run', tarball, '--strict'])
  // A package with nothing to import, a command, has no types to be wrong.
  if (entriesOf(manifest).length > 0) lint(name, 'attw', [tarball, '--profile', 'esm-only', '--format', 'table', '--no-emoji'])
}
report.finish(`${packed.length} packed packages pass publint and attw`)
