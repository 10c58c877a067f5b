// A first look at the library, on a small volume: open, read, hand on, convert, compare, draw. Run by `npm start`.
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { importPackage, projectRoot, urlOfPackage } from '../conformance/packages.mjs'

const started = performance.now()
const sample = fileURLToPath(new URL('sample.mrc', import.meta.url))
const output = join(projectRoot, 'tour-output')
const converted = join(output, 'sample.zarr')
const picture = join(output, 'preview.png')

const colors = process.stdout.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb'
const styled = (code, text) => (colors ? `\x1b[${code}m${text}\x1b[0m` : text)
const heading = (text) => console.log(`\n${styled(1, text)}`)
const code = (text) => console.log(`  ${styled(36, text)}`)
const say = (text) => console.log(text.replace(/^(?=.)/gm, '  '))

/** A path as it is typed in the folder where the person stands. */
const shown = (path) => relative(process.cwd(), path) || '.'
const quoted = (text) =>
  /^[\w./,:=@+-]+$/.test(text) ? text : process.platform === 'win32' ? `"${text}"` : `'${text.replaceAll("'", "'\\''")}'`
const commandLine = (args) => `npm start -- ${args.map(quoted).join(' ')}`
const sizeOf = (bytes) => (bytes < 2 ** 20 ? `${Math.round(bytes / 2 ** 10)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`)
const voxelSize = ({ axes = [] }) =>
  axes.map(({ name, scale, unit }) => `${name} ${scale / 10000} ${unit === 'angstrom' ? 'µm' : unit}`).join(', ')

class TourError extends Error {}

/** Runs the command line as a person does; its output follows. */
const bioimage = (...args) => {
  code(commandLine(args))
  const main = join(projectRoot, 'packages', 'cli', 'dist', 'main.js')
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [main, '--quiet', ...args], { encoding: 'utf8' })
  if (status !== 0) throw new TourError(`${stdout}${stderr}${error ?? ''}`.trim())
  say(stdout.trimEnd())
}

/** @throws TourError naming the first element that differs. */
const compare = (what, found, expected) => {
  if (found.shape.join() !== expected.shape.join() || found.dtype !== expected.dtype)
    throw new TourError(`${what}: found ${found.dtype} [${found.shape}], expected ${expected.dtype} [${expected.shape}]`)
  const at = expected.data.findIndex((value, index) => value !== found.data[index])
  if (at < 0) return
  const position = []
  for (let axis = expected.shape.length - 1, rest = at; axis >= 0; axis--) {
    position.unshift(rest % expected.shape[axis])
    rest = Math.floor(rest / expected.shape[axis])
  }
  throw new TourError(`${what}: element [${position}] is ${found.data[at]}, expected ${expected.data[at]}`)
}

const filesIn = (folder) => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())

const tour = async () => {
  const { openSource, slice, toNested } = await importPackage('@bioimage/core')
  await importPackage('@bioimage/mrc')
  await importPackage('@bioimage/zarr')
  mkdirSync(output, { recursive: true })
  for (const path of [converted, `${converted}.partial`, picture]) rmSync(path, { recursive: true, force: true })

  heading('1. Open an MRC stack: cells in culture, simulated')
  code(`const source = await openSource('${shown(sample)}')`)
  const source = await openSource(sample)
  const { shape, dtype, metadata } = source
  say(`${source.kind}, ${dtype}, ${shape.join(' × ')}, voxel size ${voxelSize(metadata)}, ${sizeOf(statSync(sample).size)}`)

  heading('2. Read a region: indexed as in numpy, fetching only what it needs')
  code('await source.get([12, slice(58, 62), slice(124, 132)])')
  for (const row of toNested(await source.get([12, slice(58, 62), slice(124, 132)])))
    say(row.map((value) => String(value).padStart(5)).join(''))
  const whole = await source.get()

  heading('3. Hand it to another thread: a source is a few words of JSON')
  const spec = JSON.stringify(source.toSpec())
  code(spec)
  const shared = new SharedArrayBuffer(whole.data.byteLength)
  const workerData = { spec: JSON.parse(spec), shared, core: urlOfPackage('@bioimage/core'), backend: urlOfPackage('@bioimage/mrc') }
  const worker = new Worker(new URL('worker.mjs', import.meta.url), { workerData })
  const [opened] = await once(worker, 'message')
  compare('the worker', { ...opened, data: new Uint16Array(shared) }, whole)
  say(`A worker opened it and filled shared memory: ${whole.data.length} of ${whole.data.length} voxels are equal.`)

  heading('4. Convert it to Zarr v3: compressed chunks, several in a shard')
  const layout = ['--chunks', '12,48,48', '--shards', '24,96,96', '--codec', 'zstd:3']
  bioimage('convert', shown(sample), shown(converted), ...layout, '--verify')
  const zarr = await openSource(converted)
  compare(basename(converted), await zarr.get(), whole)
  if (voxelSize(zarr.metadata) !== voxelSize(metadata))
    throw new TourError(`${basename(converted)}: the voxel size is ${voxelSize(zarr.metadata)}`)
  const files = filesIn(converted)
  const stored = files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0)
  say(`Read back: all ${whole.data.length} voxels and the voxel size are equal. ${files.length} files, ${sizeOf(stored)}.`)
  await Promise.all([source.close(), zarr.close()])

  heading('5. Look at it')
  bioimage('preview', shown(converted), '--max', '--out', shown(picture))

  heading('Try next, from this folder')
  code(commandLine(['info', shown(converted)]))
  code(commandLine(['get', shown(converted), '--roi', '12,58:62,124:132']))
  code(commandLine(['preview', shown(sample), '--slice', 'z=12', '--out', shown(join(output, 'slice.png'))]))
  code(commandLine(['convert', '--help']))
  say(`README.md shows the same in code; all that the tour wrote is in ${shown(output)}.`)
  console.log(`\nDone in ${((performance.now() - started) / 1000).toFixed(1)} s.`)
}

try {
  await tour()
} catch (error) {
  console.error(`\nThe tour failed: ${error instanceof TourError ? error.message : (error.stack ?? error)}`)
  process.exitCode = 1
}
