// Arrows point one way: core imports no package of ours, codecs core, backends core and codecs, and no backend another backend.
// Only a backend's `index.ts` registers; what also runs in browsers names no `node:` module; `all` imports every backend.
import { join } from 'node:path'
import ts from 'typescript'
import { startReport } from './report.mjs'
import { filesBelow, importsOf, isKernel, isTypeScript, packages, parse } from './sources.mjs'

const allowed = {
  core: [],
  codecs: ['core'],
  testing: ['core'],
  wrappers: ['core'],
  runner: ['core'],
  s3: ['core']
}
/** These may import any package. */
const atTheTop = new Set(['cli', 'all'])
/** These are Node programs or test tools; everything else also runs in browsers. */
const nodeOnly = new Set(['cli', 'testing', 'runner'])

const report = startReport('arrows')
const everyPackage = packages()
const isBackend = (name) => allowed[name] === undefined && !atTheTop.has(name)
const backends = everyPackage.map(({ name }) => name).filter(isBackend)
const allows = (from, to) => from === to || atTheTop.has(from) || (allowed[from] ?? ['core', 'codecs']).includes(to)

let files = 0
for (const { name, folder, manifest } of everyPackage) {
  for (const dependency of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
    // What is used through the registry alone, where it is there.
    if (manifest.peerDependenciesMeta?.[dependency]?.optional === true) continue
    const to = dependency.match(/^@bioimage\/(.+)$/)?.[1]
    if (to !== undefined && !allows(name, to)) report.problem(`packages/${name}/package.json depends on ${dependency}`)
  }
  const importedByRoot = new Set()
  for (const path of filesBelow(join(folder, 'src'), isTypeScript).filter((path) => !isKernel(path))) {
    files++
    const file = parse(path)
    const isRoot = path === join(folder, 'src', 'index.ts')
    for (const { node, specifier, typeOnly } of importsOf(file)) {
      const to = specifier.match(/^@bioimage\/([^/]+)/)?.[1]
      if (to !== undefined && !allows(name, to)) report.problem(`${file.at(node)} imports ${specifier}`)
      if (to !== undefined && isRoot) importedByRoot.add(to)
      // A type costs nothing at run time; that none of Node's reaches users is seen by the consumer check.
      if (specifier.startsWith('node:') && !nodeOnly.has(name) && !typeOnly) {
        report.problem(`${file.at(node)} imports ${specifier}: reach it with process.getBuiltinModule, this package also runs in browsers`)
      }
      if (isBackend(name) && specifier === './index.js') report.problem(`${file.at(node)} imports the root entry, which alone registers`)
    }
    file.each((node) => {
      if (!ts.isCallExpression(node) || node.expression.getText(file.tree) !== 'registerSource') return
      if (name !== 'core' && !(isBackend(name) && isRoot)) report.problem(`${file.at(node)} registers; only a backend's src/index.ts does`)
    })
  }
  if (name === 'all') {
    for (const backend of backends)
      if (!importedByRoot.has(backend)) report.problem(`packages/all/src/index.ts does not import @bioimage/${backend}`)
  }
}
report.finish(`${files} source files of ${everyPackage.length} packages, backends ${backends.join(', ')}`)
