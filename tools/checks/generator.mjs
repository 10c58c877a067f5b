// A generated backend type-checks, builds and passes the conformance suite as it stands.
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { build, run } from './pack.mjs'
import { root, startReport } from './report.mjs'

const report = startReport('generator')
build()

// As deep below the root as a package is, so that the skeleton's relative paths hold; ignored by git and by pnpm.
const folder = join(root, '.nx', 'generated-backend')
rmSync(folder, { recursive: true, force: true })
run(process.execPath, [join(root, 'tools', 'generate-backend', 'generate.mjs'), 'made-up', '--folder', folder])
const scope = join(folder, 'node_modules', '@bioimage')
mkdirSync(scope, { recursive: true })
for (const name of ['core', 'testing']) symlinkSync(join(root, 'packages', name), join(scope, name))

const env = { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH}` }
const steps = [
  ['biome', 'check', '--config-path', root, '--vcs-enabled=false', '.'],
  ['tsc', '--noEmit', '-p', '.'],
  ['tsup'],
  ['vitest', 'run']
]
for (const [command, ...args] of steps) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, env, encoding: 'utf8' })
  if (status !== 0) report.problem(`${command}\n${stdout}${stderr}`)
}
rmSync(folder, { recursive: true, force: true })
report.finish('a generated backend type-checks, builds and passes the conformance suite')
