// Builds four small programs with four bundlers from the packed packages, runs each bundle, and asserts what it prints, what it
// costs before first use, and that no reader, codec or wasm is in the first download.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundlers, moduleName } from './bundle-with.mjs'
import { installedProject } from './install.mjs'
import { startReport } from './report.mjs'

const limit = 3000
const report = startReport('bundlers')
const { project } = installedProject('bundlers')

/** A Zarr array of 4 x 4 bytes, 0 to 15, whose chunk is LZ4 (literals only): reading it takes the reader, a codec and its kernel. */
const writeSample = () => {
  const folder = join(project, 'sample.zarr')
  mkdirSync(folder)
  const metadata = {
    zarr_format: 2,
    shape: [4, 4],
    chunks: [4, 4],
    dtype: '|u1',
    compressor: { id: 'lz4', acceleration: 1 },
    fill_value: 0,
    order: 'C',
    filters: null
  }
  writeFileSync(join(folder, '.zarray'), JSON.stringify(metadata))
  const literals = Uint8Array.from({ length: 16 }, (_, index) => index)
  writeFileSync(join(folder, '0.0'), new Uint8Array([16, 0, 0, 0, 0xf0, 1, ...literals]))
  return folder
}

const use = `
const location = globalThis.process?.argv[2]
try {
  const source = await openSource(location)
  const block = await source.get('...')
  console.log('sum', block.data.reduce((sum, value) => sum + value, 0))
} catch (error) {
  console.log(isSourceError(error) ? error.code : error)
}
`
const fromCore = (...names) => `import { ${['openSource', 'isSourceError', ...names].join(', ')} } from '@bioimage/core'\n`

const coreOnly = /^@bioimage\/core\//
const lightZarr = /^@bioimage\/(core\/|zarr\/dist\/(index|driver)\.js$)/
/** Small modules that a driver shares with its reader. */
const shared = [
  'tif/dist/series-kind',
  'webknossos/dist/address-kind',
  'knossos/dist/configuration-names',
  'stack/dist/slice-names',
  'msr/dist/magic'
].join('|')
const lightAll = new RegExp(`^@bioimage/(core/|all/dist/index\\.js$|\\w+/dist/(index|(\\w+/)?driver)\\.js$|(${shared})\\.js$)`)
const programs = [
  { name: 'core alone', text: fromCore() + use, prints: /^ERR_UNKNOWN_(KIND|FORMAT)$/, first: coreOnly, other: /^@bioimage\/core\// },
  {
    name: 'zarr imported for effect',
    text: `${fromCore()}import '@bioimage/zarr'\n${use}`,
    prints: /^sum 120$/,
    first: lightZarr,
    other: /^@bioimage\/(core|codecs|zarr)\//
  },
  {
    name: 'zarr driver by hand',
    text: `${fromCore('registerSource')}import { zarr } from '@bioimage/zarr/driver'\nregisterSource(zarr)\n${use}`,
    prints: /^sum 120$/,
    first: lightZarr,
    other: /^@bioimage\/(core|codecs|zarr)\//
  },
  { name: 'everything', text: `${fromCore()}import '@bioimage/all'\n${use}`, prints: /^sum 120$/, first: lightAll, other: /^@bioimage\// }
]

/** vite's loader announces chunks to the document before it imports them; in Node there is none. */
const documentStub = `globalThis.document = {
  getElementsByTagName: () => [], querySelector: () => null, head: { appendChild() {} },
  createElement: () => ({ relList: { supports: () => true }, setAttribute() {} })
}`
const preload = `data:text/javascript,${encodeURIComponent(documentStub)}`

const sample = writeSample()
const sizes = new Map()
for (const [index, program] of programs.entries()) {
  const entry = join(project, `program-${index}.js`)
  writeFileSync(entry, program.text)
  for (const [bundler, build] of Object.entries(bundlers)) {
    const title = `${program.name}, ${bundler}`
    const folder = join(project, `out-${index}-${bundler}`)
    mkdirSync(folder)
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    const chunks = await build(entry, folder)
    const initial = chunks.filter((chunk) => chunk.initial)
    sizes.set(
      title,
      initial.reduce((sum, { file }) => sum + readFileSync(file).length, 0)
    )

    for (const { file, modules, initial } of chunks) {
      const names = modules.filter((path) => path.includes('node_modules')).map((path) => moduleName(project, path))
      const wrong = initial
        ? names.filter((name) => !program.first.test(name))
        : names.filter((name) => name.startsWith('@bioimage/') && !program.other.test(name))
      if (wrong.length > 0) report.problem(`${title}: ${initial ? 'the first download' : 'the bundle'} holds ${wrong.join(', ')}`)
      if (initial && readFileSync(file, 'utf8').includes('AGFzbQ')) report.problem(`${title}: the first download holds wasm`)
    }

    const main = initial.find(({ modules }) => modules.includes(entry)) ?? initial[0]
    const { stdout, stderr } = spawnSync(process.execPath, ['--import', preload, main.file, sample], { encoding: 'utf8', timeout: 60_000 })
    if (!program.prints.test(stdout.trim()))
      report.problem(`${title}: printed ${JSON.stringify((stdout + stderr).slice(0, 600))}, expected ${program.prints}`)
  }
}

const names = Object.keys(bundlers)
const row = (title, cells) => console.log(`  ${title.padEnd(26)}${cells.map((cell) => String(cell).padStart(10)).join('')}`)
console.log('bytes of the first download, minified; in brackets over core alone')
row('', names)
for (const { name } of programs) {
  row(
    name,
    names.map((bundler) => sizes.get(`${name}, ${bundler}`))
  )
  if (name === 'core alone') continue
  const added = names.map((bundler) => sizes.get(`${name}, ${bundler}`) - sizes.get(`core alone, ${bundler}`))
  row(
    '',
    added.map((bytes) => `(+${bytes})`)
  )
  for (const [index, bytes] of added.entries()) {
    if (bytes >= limit && name.startsWith('zarr'))
      report.problem(`${name}, ${names[index]}: adds ${bytes} bytes to core alone, the limit is ${limit}`)
  }
}
report.finish(`${sizes.size} bundles run, nothing heavy before first use`)
