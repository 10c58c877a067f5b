// `docs/api/<package>/<entry>.d.ts` is a copy of what the package declares: a change of the public types shows up in review.
// `--write` renews the copies.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { build, entriesOf, run, temporaryFolder } from './pack.mjs'
import { root, startReport } from './report.mjs'
import { packages } from './sources.mjs'

const report = startReport('API report')
const write = process.argv.includes('--write')
build()
const temporary = temporaryFolder('api')
const config = join(root, 'tools', 'checks', 'api-report.tsup.config.ts')

/** Shared declarations get a name with a hash of their content; the copies do without it. */
const withoutHash = (name) => name.replace(/(\.d)?-[\w-]{8}\.d\.ts$/, '.d.ts')

/** The declaration files of one package: name to content. */
const declared = ({ folder, manifest }) => {
  const files = new Map()
  if (entriesOf(manifest).length === 0) return files
  const dist = join(temporary, basename(folder))
  run('tsup', ['--config', config, '--out-dir', dist], { cwd: folder })
  const entries = new Set(entriesOf(manifest).map(([, { types }]) => basename(types)))
  const names = readdirSync(dist).filter((name) => name.endsWith('.d.ts'))
  const renamed = names.map((name) => [name, entries.has(name) ? name : withoutHash(name)])
  for (const [name, target] of renamed) {
    if (files.has(target)) throw new Error(`two declaration files of ${dist} are called ${target} without their hash`)
    let text = readFileSync(join(dist, name), 'utf8')
    for (const [from, to] of renamed) text = text.replaceAll(from.replace('.d.ts', '.js'), to.replace('.d.ts', '.js'))
    files.set(target, text)
  }
  return files
}

let count = 0
for (const item of packages()) {
  const folder = join(root, 'docs', 'api', item.name)
  const now = declared(item)
  const before = existsSync(folder) ? readdirSync(folder) : []
  if (write) {
    rmSync(folder, { recursive: true, force: true })
    if (now.size > 0) mkdirSync(folder, { recursive: true })
    for (const [name, text] of now) writeFileSync(join(folder, name), text)
  } else {
    for (const name of before) if (!now.has(name)) report.problem(`docs/api/${item.name}/${name} is no longer declared`)
    for (const [name, text] of now) {
      if (!before.includes(name)) report.problem(`docs/api/${item.name}/${name} is missing`)
      else if (readFileSync(join(folder, name), 'utf8') !== text) report.problem(`docs/api/${item.name}/${name} differs from what is built`)
    }
  }
  count += now.size
}
report.finish(`${count} declaration files ${write ? 'written' : 'are as recorded'}`)
if (process.exitCode === 1) console.log('  If the change is meant: node tools/checks/api-report.mjs --write')
