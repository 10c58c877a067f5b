// The packages of the workspace and their source files, parsed.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import ts from 'typescript'
import { root } from './report.mjs'

/** Every package under `packages/`: `{ name, folder, manifest }`, `name` without the scope. */
export const packages = () =>
  readdirSync(join(root, 'packages'))
    .filter((name) => existsSync(join(root, 'packages', name, 'package.json')))
    .map((name) => {
      const folder = join(root, 'packages', name)
      return { name, folder, manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) }
    })

/** The files below `folder` whose name `accept`s, as absolute paths; nothing when the folder does not exist. */
export const filesBelow = (folder, accept) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && accept(entry.name))
        .map((entry) => join(entry.parentPath, entry.name))
        .filter((path) => !/[\\/](node_modules|dist|fixtures)[\\/]/.test(path))
        .sort()
    : []

export const isTypeScript = (name) => name.endsWith('.ts')

export const isKernel = (path) => /[\\/]assembly[\\/]/.test(path)

/** The path as a reader of the output wants it. */
export const shown = (path) => relative(root, path)

/** One file, parsed, with a walk over its nodes and a position for messages. */
export const parse = (path) => {
  const text = readFileSync(path, 'utf8')
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true)
  const each = (visit) => {
    const walk = (node) => {
      visit(node)
      ts.forEachChild(node, walk)
    }
    walk(tree)
  }
  const at = (node) => `${shown(path)}:${tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1}`
  return { path, text, tree, each, at }
}

/** Every module a parsed file names, in import, export, `import()` and types; `typeOnly` where nothing is loaded. */
export const importsOf = (file) => {
  const found = []
  const add = (node, specifier, typeOnly) => found.push({ node, specifier: specifier.text, typeOnly })
  file.each((node) => {
    if (ts.isImportDeclaration(node)) add(node, node.moduleSpecifier, node.importClause?.isTypeOnly === true)
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) add(node, node.moduleSpecifier, node.isTypeOnly)
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node, node.argument.literal, true)
    else if (
      ts.isCallExpression(node) &&
      node.expression.kind === ts.SyntaxKind.ImportKeyword &&
      ts.isStringLiteralLike(node.arguments[0])
    ) {
      add(node, node.arguments[0], false)
    }
  })
  return found
}
