// Compares one entry of a generated manifest (edge cases made from the specifications) with what the built packages make of it.
import { isDeepStrictEqual } from 'node:util'
import { formats } from './formats.mjs'
import { describe, failed, flawOfError, passed, unsupported } from './outcomes.mjs'
import { tryOpen, tryRead } from './reading.mjs'
import { boxElements, elementReader, sameElement, sha256, stridesOf } from './values.mjs'

/** Codes that say what a manifest calls by these words. */
const codesOf = {
  corrupt: ['ERR_CORRUPT_DATA'],
  unsupported: ['ERR_UNSUPPORTED'],
  'invalid-metadata': ['ERR_CORRUPT_DATA', 'ERR_UNSUPPORTED'],
  'not-found': ['ERR_NOT_FOUND', 'ERR_ARRAY_NOT_CHOSEN', 'ERR_INVALID_ARGUMENT']
}

/** Every way to name the same array, each with a word for the report. */
const waysToOpen = ({ format, path, key, singleFile }) => {
  if (singleFile)
    return [{ way: 'by default key', path, internalPath: undefined }, ...(key ? [{ way: 'by key', path, internalPath: key }] : [])]
  const byKey = { way: 'path and key', path, internalPath: key === '' ? undefined : key }
  // A file cannot be gone into by a path of the file system, as the folder of a Zarr can.
  if (key === '' || key.includes('..') || format === 'hdf5') return [byKey]
  return [byKey, { way: 'one path', path: `${path}/${key}`, internalPath: undefined }]
}

export const checkFixture = async ({ core, entry, onRead }) => {
  let refused
  for (const { way, path, internalPath } of waysToOpen(entry)) {
    const outcome = await checkOneWay(core, entry, path, { format: formats[entry.format].kind, internalPath })
    if (outcome.status === 'failed') return failed(`${way}: ${outcome.reason}`)
    if (outcome.status === 'unsupported') refused = outcome
  }
  onRead()
  return refused ?? passed()
}

const checkOneWay = async (core, entry, path, options) => {
  const opened = await tryOpen(core, path, options)
  if (opened.error !== undefined) return judgeError(entry, opened, core)
  const { source } = opened
  try {
    if (entry.error && entry.stage === 'open' && !entry.eitherStage) return failed('opened, but opening must be refused')
    if (!entry.error) {
      const flaw = flawOfSource(entry, source)
      if (flaw !== undefined) return failed(flaw)
    }
    if (!entry.regionOnly) {
      const read = await tryRead(source, undefined)
      if (read.error !== undefined) return judgeError(entry, read, core)
      if (entry.error) return failed(`gave values where ${entry.errorKind} is right`)
      const flaw = flawOfValues(entry, read.array, core)
      if (flaw !== undefined) return failed(flaw)
    }
    for (const roi of entry.rois ?? []) {
      const read = await tryRead(
        source,
        roi.start.map((start, axis) => ({ start, stop: roi.stop[axis] }))
      )
      if (read.error !== undefined) return failed(`region at [${roi.start}]: ${describe(read.error)}`)
      const flaw = flawOfRegion(entry, roi, read.array, core)
      if (flaw !== undefined) return failed(flaw)
    }
    return passed()
  } finally {
    await source.close()
  }
}

const judgeError = (entry, { error, stage }, core) => {
  const flaw = flawOfError(error, core)
  if (flaw !== undefined) return failed(`${stage}: ${flaw}`)
  if (entry.level === 'optional' && error.code === 'ERR_UNSUPPORTED') return unsupported(describe(error))
  if (!entry.error) return failed(`${stage}: ${describe(error)}`)
  if (codesOf[entry.errorKind].includes(error.code)) return passed(describe(error))
  return failed(`${stage}: ${describe(error)}; expected ${codesOf[entry.errorKind].join(' or ')}`)
}

const flawOfSource = (entry, source) => {
  for (const member of ['shape', 'chunks', 'shards']) {
    const stated = entry[member]
    if (stated !== undefined && !isDeepStrictEqual([...(source[member] ?? [])], stated)) {
      return `${member} [${source[member]}], expected [${stated}]`
    }
  }
  if (source.dtype !== entry.dtype) return `dtype ${source.dtype}, expected ${entry.dtype}`
  for (const [name, stated] of Object.entries(entry.attrs ?? {})) {
    const found = source.attrs[name]
    if (!isDeepStrictEqual(found, stated)) return `attrs.${name} is ${JSON.stringify(found)}, expected ${JSON.stringify(stated)}`
  }
  const names = source.metadata.axes?.map(({ name }) => name ?? null)
  for (const [axis, name] of (entry.dimensionNames ?? []).entries()) {
    if (name !== null && names?.[axis] !== name) return `axis ${axis} is called ${names?.[axis]}, expected ${name}`
  }
  return undefined
}

const flawOfValues = (entry, array, core) => {
  if (!isDeepStrictEqual([...array.shape], entry.shape)) return `the data has shape [${array.shape}], expected [${entry.shape}]`
  if (array.dtype !== entry.dtype) return `the data has dtype ${array.dtype}, expected ${entry.dtype}`
  if (!core.isContiguous(array) || (array.offset ?? 0) !== 0) return 'the result of a read is not in C order'
  if (sha256(core.bytesOf(array.data)) !== entry.sha256) {
    const element = elementReader(core.bytesOf(array.data), entry.dtype)
    const first = Array.from({ length: Math.min(8, core.sizeOf(array.shape)) }, (_, index) => String(element(index)))
    return `values differ (sha256); the data begins with ${first.join(', ')}`
  }
  return undefined
}

const flawOfRegion = (entry, roi, array, core) => {
  const shape = roi.start.map((start, axis) => roi.stop[axis] - start)
  // An index with an integer for every axis, which a rank of 0 makes, gives a scalar.
  if (entry.shape.length === 0) return undefined
  const found = boxElements(
    elementReader(core.bytesOf(array.data), entry.dtype),
    shape,
    stridesOf(shape, 'c'),
    shape.map(() => 0),
    shape
  )
  const wrong = roi.values.findIndex((value, at) => !sameElement(found[at], value, entry.dtype))
  return wrong < 0 && found.length === roi.values.length
    ? undefined
    : `element ${wrong} of the region at [${roi.start}] is ${found[wrong]}, expected ${roi.values[wrong]}`
}
