// Builds what is out of date, then runs the tour, or the command line when there are arguments.
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const args = process.argv.slice(2)

const build = spawnSync('nx', ['run-many', '-t', 'build', '--outputStyle=static'], {
  cwd: root,
  encoding: 'utf8',
  shell: process.platform === 'win32'
})
if (build.status !== 0) {
  console.error(`${build.stdout ?? ''}${build.stderr ?? ''}${build.error ?? ''}\nThe build failed.`)
  process.exit(1)
}

const script = join(root, args.length === 0 ? 'tools/tour/tour.mjs' : 'packages/cli/dist/main.js')
// Paths in the arguments are relative to the folder the person stands in, not to the root of the workspace.
const run = spawnSync(process.execPath, [script, ...args], { cwd: process.env.INIT_CWD ?? root, stdio: 'inherit' })
process.exitCode = run.status ?? 1
