// The packed packages, installed into an empty project: every entry loads, a volume is written and read, the command runs, and
// the types hold under three compilers, in both module resolutions, with `skipLibCheck` off and no types of Node.
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { installedProject } from './install.mjs'
import { entriesOf } from './pack.mjs'
import { root, startReport } from './report.mjs'

const report = startReport('consumer')
const { project, packed } = installedProject('consumer')
const entries = packed.flatMap(({ manifest }) => entriesOf(manifest).map(([subpath]) => manifest.name + subpath.slice(1)))

const expectOutput = (title, command, args, expected) => {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: project, encoding: 'utf8', timeout: 120_000 })
  if (status !== 0 || !expected.test(stdout)) report.problem(`${title}\n${stdout}${stderr}`)
}

const program = `
import { createSource, fromSpec, openSource, slice } from '@bioimage/core'
import '@bioimage/zarr'
${entries.map((entry) => `await import('${entry}')`).join('\n')}
const written = await createSource('volume.zarr', { shape: [4, 6], dtype: 'uint16', chunks: [2, 3] })
await written.set('...', Uint16Array.from({ length: 24 }, (_, index) => index))
const source = await openSource('volume.zarr')
const block = await source.get([slice(1, 3), -1])
const again = await fromSpec(JSON.parse(JSON.stringify(source.toSpec())))
console.log(source.kind, again.shape.join('x'), block.data.join(' '))
`
writeFileSync(join(project, 'program.mjs'), program)
expectOutput('an installed program fails', process.execPath, ['program.mjs'], /^zarr 4x6 11 17\n$/)
expectOutput('the installed command fails', join(project, 'node_modules', '.bin', 'bioimage'), ['info', 'volume.zarr'], /uint16/)

const everyEntry = `
${entries.map((entry, index) => `import * as entry${index} from '${entry}'`).join('\n')}
export const all = [${entries.map((_, index) => `entry${index}`).join(', ')}]
`
// Importing the meta package alone makes its kinds known to the compiler.
const usage = `
import { fromSpec, isSourceError, openSource, type Source, type SourceSpec, slice } from '@bioimage/core'
import '@bioimage/all'
export const typed = async (signal: AbortSignal | undefined) => {
  const zarr = await fromSpec({ kind: 'zarr', path: '/volume.zarr', internalPath: 'raw' })
  const kind: 'zarr' = zarr.kind
  const source: Source = await openSource('/volume.mrc')
  const block = await source.get([slice(0, 4), '...'], { signal })
  const shape: readonly number[] = block.shape
  // @ts-expect-error no such kind
  const unknown: SourceSpec = { kind: 'nothing', path: '/volume' }
  // @ts-expect-error no such field
  const misspelt: SourceSpec = { kind: 'zarr', path: '/volume.zarr', pages: 3 }
  // @ts-expect-error a path is needed
  await fromSpec({ kind: 'zarr' })
  // @ts-expect-error shapes are read-only
  source.shape[0] = 1
  return [kind, shape, unknown, misspelt, isSourceError(undefined, 'ERR_CLOSED')]
}
`
const compilers = { '5.9.3': 'typescript-5.9', '6.0.3': 'typescript', '7.0.2': 'typescript-7.0' }
const projects = [
  { folder: 'every-entry', module: 'nodenext', moduleResolution: 'nodenext', text: everyEntry },
  { folder: 'usage', module: 'esnext', moduleResolution: 'bundler', text: usage }
]
const compilerOf = (name) => join(root, 'tools', 'checks', 'node_modules', name, 'bin', 'tsc')
for (const { folder: name, module, moduleResolution, text } of projects) {
  const folder = join(project, name)
  mkdirSync(folder)
  writeFileSync(join(folder, 'main.ts'), text)
  const compilerOptions = {
    target: 'es2022',
    lib: ['es2022', 'dom'],
    types: [],
    module,
    moduleResolution,
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['main.ts'] }))
  for (const [version, compiler] of Object.entries(compilers)) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [compilerOf(compiler), '-p', folder], { encoding: 'utf8' })
    if (status !== 0) report.problem(`types under TypeScript ${version}, ${name}\n${stdout}${stderr}`)
  }
}
report.finish(
  `${entries.length} entries of ${packed.length} packages load, types hold under TypeScript ${Object.keys(compilers).join(', ')}`
)
