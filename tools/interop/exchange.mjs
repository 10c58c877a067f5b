// One format in both directions. Each side leaves, beside what it wrote, the same elements as plain bytes (C order, little
// endian) and a list of cases `{ title, path, elements, shape, dtype, … }`; the other side reads and compares every byte.
//
// A format's module exports
//   kind, extension           of the format; `packageName` where it is not called like the kind
//   cases({ seed })           what we write: `{ title, array, readers, ask, … }`: `ask` goes to Python, the rest to `write`
//   write(item, path)         writes one
// or `run({ python, seed, folder })`, which gives the outcomes by itself;
// and its script, formats/<name>-peer.py, gives `read(item, reader)` and `write(folder, seed)` to peer.main.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { importPackage } from '../conformance/packages.mjs'

const { isSourceError, openSource } = await importPackage('@bioimage/core')
const { bytesOf } = await importPackage('@bioimage/core/backend')

/** Runs a format's Python script; it prints JSON, one object a line. */
export const runPython = (python, script, args) => {
  const path = fileURLToPath(new URL(`formats/${script}`, import.meta.url))
  const { status, stdout, stderr } = spawnSync(python, ['-W', 'ignore', path, ...args], { encoding: 'utf8', maxBuffer: 2 ** 28 })
  if (status !== 0) throw new Error(`${script} ${args[0]} failed:\n${stderr.slice(-2000)}`)
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
}

const messageOf = (error) => (isSourceError(error) ? `${error.code} ${error.message}` : String(error?.stack ?? error))

/** Whether the result is what it must be, and the first difference if not. */
export const compare = (array, { shape, dtype, bytes }) => {
  if (array.dtype !== dtype) return `dtype ${array.dtype}, expected ${dtype}`
  if (array.shape.join() !== shape.join()) return `shape [${array.shape}], expected [${shape}]`
  const found = bytesOf(array.data)
  const at = found.findIndex((byte, index) => byte !== bytes[index])
  return found.byteLength === bytes.byteLength && at < 0 ? undefined : `byte ${at} differs`
}

const writeOurs = async ({ format, seed, folder }) => {
  const written = []
  const problems = []
  for (const [index, item] of (await format.cases({ seed })).entries()) {
    const { title, array, readers, ask } = item
    const path = join(folder, `${index}${format.extension}`)
    const elements = join(folder, `${index}.bin`)
    writeFileSync(elements, bytesOf(array.data))
    try {
      await format.write(item, path)
      written.push({ title, readers, ...ask, path, elements, shape: array.shape, dtype: array.dtype })
    } catch (error) {
      problems.push({ title: `writing ${item.title}`, problem: messageOf(error) })
    }
  }
  return { written, problems }
}

const readTheirs = async (format, item) => {
  const title = `${item.title}, written by Python`
  try {
    const source = await openSource(item.path, { format: format.kind, ...item.open })
    const array = await source.get()
    await source.close()
    const expected = { shape: item.shape, dtype: item.dtype, bytes: readFileSync(item.elements) }
    return { title, problem: compare(array, expected) }
  } catch (error) {
    return { title, problem: messageOf(error) }
  }
}

/** Both directions of one format: `{ title, problem }` for every reading, `problem` undefined where all is equal. */
export const exchange = async ({ name, format, python, seed, folder }) => {
  mkdirSync(join(folder, 'ours'), { recursive: true })
  mkdirSync(join(folder, 'theirs'))
  if (format.run !== undefined) return format.run({ python, seed, folder })
  await importPackage(format.packageName ?? `@bioimage/${format.kind}`)
  const { written, problems } = await writeOurs({ format, seed, folder: join(folder, 'ours') })
  const list = join(folder, 'ours', 'cases.json')
  writeFileSync(list, JSON.stringify(written))
  const script = `${name}-peer.py`
  const read = runPython(python, script, ['read', list])
  const asked = written.flatMap(({ readers }) => readers).length
  if (read.length !== asked) problems.push({ title: 'reading in Python', problem: `${read.length} answers to ${asked} questions` })
  const theirs = []
  for (const item of runPython(python, script, ['write', join(folder, 'theirs'), String(seed)])) theirs.push(await readTheirs(format, item))
  if (theirs.length === 0) problems.push({ title: 'writing in Python', problem: 'nothing was written' })
  return [...problems, ...read, ...theirs]
}
