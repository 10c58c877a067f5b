// Writes the skeleton of a backend: node tools/generate-backend/generate.mjs <kind> [--extension .abc] [--folder packages/<kind>]
// It reads a made-up format and passes the conformance suite as it stands; the format's own header goes in its place.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const here = dirname(fileURLToPath(import.meta.url))
const root = dirname(dirname(here))
const template = join(here, 'template')

const fail = (message) => {
  console.error(message)
  process.exit(1)
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { extension: { type: 'string' }, folder: { type: 'string' }, package: { type: 'string' } }
})
const [kind] = positionals
if (kind === undefined || positionals.length > 1 || !/^[a-z][a-z0-9-]*$/.test(kind)) {
  fail(
    'usage: node tools/generate-backend/generate.mjs <kind> [--extension .abc] [--folder FOLDER] [--package NAME]\n<kind> is lower case, such as nifti'
  )
}
const folder = values.folder === undefined ? join(root, 'packages', kind) : values.folder
if (existsSync(folder)) fail(`${folder} exists already`)

const type = kind.replace(/(^|-)([a-z0-9])/g, (_, _dash, letter) => letter.toUpperCase())
const words = {
  PACKAGE: values.package ?? `@bioimage/${kind}`,
  KIND: kind,
  KEY: kind.includes('-') ? `'${kind}'` : kind,
  TYPE: type,
  IDENTIFIER: type[0].toLowerCase() + type.slice(1),
  TITLE: type,
  EXTENSION: values.extension ?? `.${kind}`
}
const filled = (text) => text.replace(/__([A-Z]+)__/g, (_, word) => words[word])

for (const entry of readdirSync(template, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue
  const source = join(entry.parentPath, entry.name)
  const target = join(folder, relative(template, source))
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, filled(readFileSync(source, 'utf8')))
}
// The order of imports and the length of lines depend on the name.
const biome = join(root, 'node_modules', '.bin', 'biome')
if (existsSync(biome)) spawnSync(biome, ['check', '--write', '--config-path', root, '--vcs-enabled=false', folder])

console.log(`${relative(process.cwd(), folder)} is written. Next:
  npx pnpm install --no-frozen-lockfile                    link it into the workspace
  put the format's header into src/header.ts, its layout into src/reader.ts
  add it to packages/all (src/index.ts, package.json)
  npm test -- --projects=${words.PACKAGE}`)
