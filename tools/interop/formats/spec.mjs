// Specs in the dialect of the Python package: it opens ours, and we open its.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { importPackage } from '../../conformance/packages.mjs'
import { compare, runPython } from '../exchange.mjs'

const { createSource, fromSpec, openSource, toPythonSpec } = await importPackage('@bioimage/core')
const { bytesOf } = await importPackage('@bioimage/core/backend')
const { referenceArray } = await importPackage('@bioimage/testing')
await importPackage('@bioimage/zarr')
await importPackage('@bioimage/mrc')

const arrays = [
  { name: 'image.zarr', options: { internalPath: 'raw', chunks: [2, 3, 4] }, modes: ['r', 'r+'] },
  { name: 'volume.mrc', options: {}, modes: ['r'] }
]

const openPythons = async (item) => {
  const title = `${item.title}, a spec of Python`
  const source = await fromSpec(item.spec)
  const expected = { shape: item.shape, dtype: item.dtype, bytes: readFileSync(item.elements) }
  const problem =
    source.writable === item.writable ? compare(await source.get(), expected) : `writable ${source.writable}, expected ${item.writable}`
  await source.close()
  return { title, problem }
}

/** Both directions; without the Python package nothing, and it says so. */
export const run = async ({ python, seed, folder }) => {
  if (runPython(python, 'spec-peer.py', ['installed'])[0]?.installed !== true) {
    console.log('*** SPECS OF THE PYTHON PACKAGE: NOT RUN: bioimage-py is not installable here ***')
    return process.env.CI === 'true' ? [{ title: 'installing bioimage-py', problem: 'pip could not' }] : []
  }
  const array = referenceArray([4, 5, 6], 'uint16', seed)
  const elements = join(folder, 'elements.bin')
  writeFileSync(elements, bytesOf(array.data))
  const cases = []
  for (const { name, options, modes } of arrays) {
    const path = join(folder, name)
    const made = await createSource(path, { shape: array.shape, dtype: array.dtype, ...options })
    await made.set('...', array)
    await made.close()
    for (const mode of modes) {
      const source = await openSource(path, { internalPath: options.internalPath, mode })
      const about = { writable: source.writable, elements, shape: array.shape, dtype: array.dtype, readers: ['bioimage-py'] }
      cases.push({ title: `${name}, mode ${mode}`, spec: toPythonSpec(source.toSpec()), ...about })
      await source.close()
    }
  }
  const list = join(folder, 'cases.json')
  writeFileSync(list, JSON.stringify(cases))
  const read = runPython(python, 'spec-peer.py', ['read', list])
  const theirs = []
  for (const item of runPython(python, 'spec-peer.py', ['write', list])) {
    try {
      theirs.push(await openPythons(item))
    } catch (error) {
      theirs.push({ title: item.title, problem: String(error) })
    }
  }
  return [...read, ...theirs]
}
