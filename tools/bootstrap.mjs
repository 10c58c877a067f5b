// Installs the dependencies when they are missing or out of date, then runs the command given as arguments.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
process.chdir(root)
const shell = process.platform === 'win32'
const stamp = join('node_modules', '.bootstrap')

const hash = createHash('sha256').update(process.version)
for (const file of ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml']) hash.update(readFileSync(file))
const wanted = hash.digest('hex')

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  const { packageManager } = JSON.parse(readFileSync('package.json', 'utf8'))
  console.error(`Installing dependencies with ${packageManager} ...`)
  // Output goes to stderr: what the command itself prints stays alone on stdout.
  const install = spawnSync('npx', ['--yes', packageManager, 'install', '--frozen-lockfile'], {
    stdio: ['ignore', 2, 2],
    shell,
    env: { ...process.env, CI: 'true' }
  })
  if (install.status !== 0) {
    console.error('Installing the dependencies failed. Delete node_modules and try again; the package registry must be reachable.')
    console.log('\n0 passed, 1 failed')
    process.exit(1)
  }
  writeFileSync(stamp, wanted)
}

const [command, ...args] = process.argv.slice(2)
if (command !== undefined) {
  const env = { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH}` }
  const run = spawnSync(command, args, { stdio: 'inherit', shell, env })
  process.exitCode = run.status ?? 1
}
