// Relative links in the documentation point at files that exist, and at headings that exist in them.
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
report.finish(`${links} relative links in ${pages.length} pages`)
