// What the linter does not hold: no `any`, no double cast, no ts-ignore, no default export in sources; no skipped test.
import { join } from 'node:path'
import ts from 'typescript'
import { root, startReport } from './report.mjs'
import { filesBelow, isKernel, isTypeScript, packages, parse } from './sources.mjs'

const report = startReport('source rules')
const folders = packages().map(({ folder }) => folder)

const sources = folders.flatMap((folder) => filesBelow(join(folder, 'src'), isTypeScript)).filter((path) => !isKernel(path))
for (const path of sources) {
  const file = parse(path)
  const suppression = file.text.match(/@ts-(ignore|nocheck|expect-error)/)
  if (suppression !== null) report.problem(`${file.at(file.tree)} contains ${suppression[0]}`)
  file.each((node) => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) report.problem(`${file.at(node)} any`)
    if (ts.isAsExpression(node) && ts.isAsExpression(node.expression) && node.expression.type.kind === ts.SyntaxKind.UnknownKeyword) {
      report.problem(`${file.at(node)} as unknown as`)
    }
    const isDefault =
      ts.isExportAssignment(node) ||
      (ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword))
    if (isDefault) report.problem(`${file.at(node)} default export`)
  })
}

const isTest = (name) => /\.test\.(ts|mjs)$/.test(name)
const testFolders = [...folders.map((folder) => join(folder, 'test')), join(root, 'tools'), join(root, 'examples')]
const tests = testFolders.flatMap((folder) => filesBelow(folder, isTest))
const runners = new Set(['it', 'test', 'describe'])
const skips = new Set(['skip', 'todo', 'only', 'fails'])
for (const path of tests) {
  const file = parse(path)
  file.each((node) => {
    if (!ts.isPropertyAccessExpression(node) || !skips.has(node.name.text)) return
    if (runners.has(node.expression.getText(file.tree))) report.problem(`${file.at(node)} ${node.getText(file.tree)}`)
  })
}
report.finish(`${sources.length} source files, ${tests.length} test files`)
