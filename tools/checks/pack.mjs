// Builds the workspace and packs every package as it would be published.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { root } from './report.mjs'
import { packages } from './sources.mjs'

const env = { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH}` }

/** Runs a command with the workspace's tools on the path; when it fails, prints its output and ends the check. */
export const run = (command, args, options = {}) => {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: root, encoding: 'utf8', env, ...options })
  if (status !== 0) {
    console.log(`${stdout ?? ''}${stderr ?? ''}${error ?? ''}\n${command} ${args.join(' ')} failed`)
    process.exit(1)
  }
  return stdout
}

export const build = () => run('nx', ['run-many', '-t', 'build', '--outputStyle=static'])

/** A folder below the system's temporary one, removed when the process ends. */
export const temporaryFolder = (name) => {
  const folder = mkdtempSync(join(tmpdir(), `bioimage-${name}-`))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Packs every package with pnpm, which replaces `workspace:` ranges; returns packages with the path of their `tarball`. */
export const packAll = (folder) => {
  build()
  return packages().map((item) => {
    // Each archive has a folder of its own: the name of the file is pnpm's business.
    const destination = join(folder, item.name)
    mkdirSync(destination, { recursive: true })
    run('pnpm', ['pack', '--pack-destination', destination], { cwd: item.folder })
    const [file] = readdirSync(destination).filter((name) => name.endsWith('.tgz'))
    return { ...item, tarball: join(destination, file) }
  })
}

/** The entries of a package that code can import: `[subpath, target]`, package.json left out. */
export const entriesOf = ({ exports = {} }) => Object.entries(exports).filter(([subpath]) => subpath !== './package.json')
