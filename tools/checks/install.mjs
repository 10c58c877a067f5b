// An empty project with the packed packages installed in it, as a newcomer gets them.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packAll, run, temporaryFolder } from './pack.mjs'

/** Packs everything and installs it with npm; returns the project's folder and the packed packages. */
export const installedProject = (name) => {
  const project = join(temporaryFolder(name), 'project')
  mkdirSync(project)
  const packed = packAll(join(project, '..', 'archives'))
  const dependencies = Object.fromEntries(packed.map(({ manifest, tarball }) => [manifest.name, `file:${tarball}`]))
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'project', private: true, type: 'module', dependencies }))
  run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], { cwd: project })
  return { project, packed }
}
