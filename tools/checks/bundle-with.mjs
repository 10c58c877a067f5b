// One function per bundler: builds an entry for browsers, minified, with the bundler's own defaults, and says for each file of
// the output whether it belongs to the first download and which modules are in it.
import { join, relative, resolve } from 'node:path'
import { nodeResolve } from '@rollup/plugin-node-resolve'
import * as esbuild from 'esbuild'
import { rollup } from 'rollup'
import * as vite from 'vite'
import webpack from 'webpack'

/** Follows the static imports of the entry: what a browser fetches before any code runs. */
const withInitial = (chunks) => {
  const byName = new Map(chunks.map((chunk) => [chunk.name, chunk]))
  const initial = new Set()
  const follow = (name) => {
    if (initial.has(name)) return
    initial.add(name)
    for (const other of byName.get(name)?.imports ?? []) follow(other)
  }
  for (const { name, isEntry } of chunks) if (isEntry) follow(name)
  return chunks.map(({ name, file, modules }) => ({ file, modules, initial: initial.has(name) }))
}

const fromRollup = (folder, output) =>
  withInitial(
    output
      .filter(({ type }) => type === 'chunk')
      .map(({ fileName, isEntry, imports, modules }) => ({
        name: fileName,
        file: join(folder, fileName),
        isEntry,
        imports,
        modules: Object.keys(modules).filter((id) => modules[id].renderedLength > 0)
      }))
  )

const withEsbuild = async (entry, folder) => {
  const { metafile } = await esbuild.build({
    entryPoints: [entry],
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    minify: true,
    metafile: true,
    logLevel: 'error'
  })
  return withInitial(
    Object.entries(metafile.outputs).map(([path, { entryPoint, imports, inputs }]) => ({
      name: path,
      file: resolve(path),
      isEntry: entryPoint !== undefined && resolve(entryPoint) === entry,
      imports: imports.filter(({ kind }) => kind === 'import-statement').map((item) => item.path),
      modules: Object.keys(inputs)
        .filter((input) => inputs[input].bytesInOutput > 0)
        .map((input) => resolve(input))
    }))
  )
}

const withRollup = async (entry, folder) => {
  const minify = { name: 'minify', renderChunk: async (code) => (await esbuild.transform(code, { minify: true, target: 'es2022' })).code }
  const bundle = await rollup({ input: entry, plugins: [nodeResolve({ browser: true }), minify] })
  const { output } = await bundle.write({ dir: folder, format: 'es' })
  await bundle.close()
  return fromRollup(folder, output)
}

const withVite = async (entry, folder) => {
  const { output } = await vite.build({
    root: join(entry, '..'),
    configFile: false,
    logLevel: 'error',
    base: './',
    build: { outDir: folder, target: 'es2022', rollupOptions: { input: entry } }
  })
  return fromRollup(folder, output)
}

const withWebpack = async (entry, folder) => {
  const stats = await new Promise((done, fail) => {
    const options = {
      mode: 'production',
      context: join(entry, '..'),
      entry,
      target: ['web', 'es2022'],
      experiments: { outputModule: true },
      performance: { hints: false },
      output: { path: folder, filename: 'entry.js', chunkFilename: '[id].js', module: true, chunkLoading: 'import', chunkFormat: 'module' }
    }
    webpack(options, (error, result) => (error === null ? done(result) : fail(error)))
  })
  const { compilation } = stats
  if (compilation.errors.length > 0) throw compilation.errors[0]
  // Modules that webpack merged into one are listed one by one.
  const leaves = (module) => (module.modules === undefined ? [module] : [...module.modules])
  return [...compilation.chunks].flatMap((chunk) =>
    [...chunk.files].map((file) => ({
      file: join(folder, file),
      initial: chunk.canBeInitial(),
      modules: [...compilation.chunkGraph.getChunkModules(chunk)].flatMap(leaves).flatMap((module) => module.nameForCondition() ?? [])
    }))
  )
}

export const bundlers = { esbuild: withEsbuild, rollup: withRollup, vite: withVite, webpack: withWebpack }

/** Names modules of installed packages as `@bioimage/zarr/dist/index.js`, the rest relative to the project. */
export const moduleName = (project, path) =>
  relative(project, path)
    .replace(/\\/g, '/')
    .replace(/^.*node_modules\//, '')
