// Relative links in the documentation point at files that exist, and at headings that exist in them. docs/errors.md has exactly
// the error codes of core. Every package has a README and stands in the list of the main one.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root, startReport } from './report.mjs'
import { filesBelow, packages, shown } from './sources.mjs'

const report = startReport('links')
const isPage = (name) => name.endsWith('.md')
const pages = [
  join(root, 'README.md'),
  ...filesBelow(join(root, 'docs'), isPage),
  ...packages().map(({ folder }) => join(folder, 'README.md')),
  ...filesBelow(join(root, 'examples'), isPage)
].filter((path) => existsSync(path))

const withoutCode = (text) => text.replace(/```[\s\S]*?```/g, '').replace(/`[^`\n]*`/g, '')
const anchorsOf = (text) =>
  [...text.replace(/```[\s\S]*?```/g, '').matchAll(/^#+\s+(.+)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-')
  )

let links = 0
for (const page of pages) {
  const text = readFileSync(page, 'utf8')
  for (const [, target] of withoutCode(text).matchAll(/\]\(([^)\s]+)[^)]*\)/g)) {
    if (/^[a-z][a-z+.-]*:/i.test(target)) continue
    links++
    const [path, anchor] = target.split('#')
    const file = path === '' ? page : join(dirname(page), decodeURIComponent(path))
    if (!existsSync(file)) report.problem(`${shown(page)} links to ${target}, which does not exist`)
    else if (anchor !== undefined && isPage(file) && !anchorsOf(readFileSync(file, 'utf8')).includes(anchor)) {
      report.problem(`${shown(page)} links to ${target}, which has no such heading`)
    }
  }
}

const codes = (text, pattern) => [...text.matchAll(pattern)].map(([, code]) => code)
const errors = join(root, 'docs', 'errors.md')
const documented = codes(readFileSync(errors, 'utf8'), /^## (ERR_\w+)$/gm)
const source = readFileSync(join(root, 'packages', 'core', 'src', 'errors.ts'), 'utf8')
const declared = codes(source.slice(0, source.indexOf('\n\n')), /^ {2}\| '(ERR_\w+)'$/gm)
if (declared.length === 0) report.problem('no error codes are found in packages/core/src/errors.ts')
for (const code of declared) if (!documented.includes(code)) report.problem(`${shown(errors)} does not describe ${code}`)
for (const code of documented) if (!declared.includes(code)) report.problem(`${shown(errors)} describes ${code}, which core does not have`)

const main = readFileSync(join(root, 'README.md'), 'utf8')
for (const { name, folder } of packages()) {
  if (!existsSync(join(folder, 'README.md'))) report.problem(`packages/${name} has no README.md`)
  if (!main.includes(`](packages/${name}/)`)) report.problem(`README.md does not link to packages/${name}/`)
}
report.finish(`${links} relative links in ${pages.length} pages, ${declared.length} error codes`)
