// The code in README.md, docs/ and the packages' READMEs does what it says. Of every page, in order, in a folder of its own that
// holds sample.mrc: ```js is a program that must end well, ```sh a script for bash that must, where `bioimage` is the command;
// a ```text that follows is exactly what it prints. The ```ts of a page must pass the compiler together; a first line such as
// `// src/driver.ts` names the file that the others import. Blocks in other languages are only read. docs/cli.md has every option.
import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { build } from './pack.mjs'
import { root, startReport } from './report.mjs'
import { filesBelow, packages, shown } from './sources.mjs'

const report = startReport('doc samples')
build()

// Below the root, so that the compiler and its types of Node are found; ignored by git.
const workshop = join(root, '.nx', 'doc-samples')
rmSync(workshop, { recursive: true, force: true })
const scope = join(workshop, 'node_modules', '@bioimage')
mkdirSync(scope, { recursive: true })
for (const { name, folder } of packages()) symlinkSync(folder, join(scope, name))
writeFileSync(join(workshop, 'package.json'), '{ "type": "module" }')

const bin = join(workshop, 'bin')
mkdirSync(bin)
writeFileSync(join(bin, 'bioimage'), `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'packages', 'cli', 'dist', 'main.js')}" "$@"\n`)
chmodSync(join(bin, 'bioimage'), 0o755)
const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}`, NO_COLOR: '1' }

/** The blocks of a page: language, text, and the line at which the text begins. */
const blocksOf = (page) =>
  [...page.matchAll(/^```([a-z]*)\n([\s\S]*?)^```$/gm)].map(({ 1: language, 2: text, index }) => ({
    language,
    text,
    line: page.slice(0, index).split('\n').length + 1
  }))

const programs = {
  js: (file) => [process.execPath, [file]],
  sh: (file) => ['bash', ['-eu', file]]
}
const compilerOptions = {
  target: 'es2022',
  lib: ['es2022', 'dom', 'esnext.disposable'],
  types: ['node'],
  typeRoots: [join(root, 'node_modules', '@types')],
  module: 'nodenext',
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: true,
  noEmit: true
}
const counts = { js: 0, sh: 0, ts: 0 }

const pages = [
  join(root, 'README.md'),
  ...filesBelow(join(root, 'docs'), (name) => name.endsWith('.md')),
  ...packages().map(({ folder }) => join(folder, 'README.md'))
].filter((path) => existsSync(path))

for (const [number, page] of pages.entries()) {
  const folder = join(workshop, `page-${number}`)
  mkdirSync(folder)
  copyFileSync(join(root, 'tools', 'tour', 'sample.mrc'), join(folder, 'sample.mrc'))
  const blocks = blocksOf(readFileSync(page, 'utf8'))
  const typed = []
  for (const [at, { language, text, line }] of blocks.entries()) {
    const where = `${shown(page)}:${line}`
    if (!Object.hasOwn(counts, language)) continue
    counts[language]++
    const [, named] = /^\/\/ (\S+\.ts)\n/.exec(text) ?? []
    const file = join(folder, named ?? `line-${line}.${language === 'js' ? 'mjs' : language}`)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
    if (language === 'ts') {
      typed.push(file)
      continue
    }
    const [command, args] = programs[language](file)
    const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: folder, env, encoding: 'utf8', timeout: 120_000 })
    const next = blocks[at + 1]
    if (status !== 0) report.problem(`${where} ends with ${status ?? error}\n${stdout}${stderr}`)
    else if (next?.language === 'text' && stdout !== next.text) report.problem(`${where} prints\n${stdout}and the page says\n${next.text}`)
  }
  if (typed.length === 0) continue
  const project = join(folder, 'tsconfig.json')
  writeFileSync(project, JSON.stringify({ compilerOptions, files: typed }))
  const { status, stdout } = spawnSync(join(root, 'node_modules', '.bin', 'tsc'), ['-p', project], { encoding: 'utf8' })
  if (status !== 0) report.problem(`${shown(page)} does not compile\n${stdout}`)
}

// What `--help` lists, docs/cli.md describes.
const help = (...args) => spawnSync('bioimage', [...args, '--help'], { env, encoding: 'utf8' }).stdout
const manual = readFileSync(join(root, 'docs', 'cli.md'), 'utf8')
const commands = [
  ...help()
    .split('Commands:')[1]
    .matchAll(/^ {2}(\w+) /gm)
].map(([, command]) => command)
for (const command of commands) {
  if (!manual.includes(`\n## ${command}\n`)) report.problem(`docs/cli.md has no heading for ${command}`)
  for (const [option] of help(command).matchAll(/--[a-z][a-z-]*/g))
    if (!new RegExp(`\`${option}\\b`).test(manual)) report.problem(`docs/cli.md does not describe ${option} of ${command}`)
}
rmSync(workshop, { recursive: true, force: true })
report.finish(`${counts.js} programs and ${counts.sh} scripts run, ${counts.ts} pieces compile, in ${pages.length} pages`)
