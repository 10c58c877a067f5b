// Compares one entry of a manifest of files that others wrote with what the built packages make of it.
import { join } from 'node:path'
import { formats, indexOf } from './formats.mjs'
import { describe, failed, flawOfError, passed, unsupported } from './outcomes.mjs'
import { tryOpen, tryRead } from './reading.mjs'
import { boxElements, elementReader, sameElement, sha256, statisticsOf, stridesOf } from './values.mjs'

const open = (core, folder, entry) => {
  const { kind, options } = formats[entry.format]
  const { region, ...given } = entry.opens_as.options ?? {}
  const extra = entry.isScaled ? undefined : options?.(given, region)
  const internalPath = entry.opens_as.internal_path ?? undefined
  return tryOpen(core, join(folder, 'files', entry.path), { format: kind, internalPath, ...extra })
}

export const checkRealdata = async ({ core, entry, folder, onRead }) => {
  const opened = await open(core, folder, entry)
  const { axes } = formats[entry.format]
  const index = indexOf(entry.opens_as.options?.region, axes)
  const result = opened.error !== undefined || entry.expect === 'metadata' ? opened : await tryRead(opened.source, index)
  onRead()
  try {
    if (result.error !== undefined) return judgeError(entry, result, core)
    if (entry.expect === 'error') return failed(`gave values where an error is right (${entry.notes})`)
    if (entry.expect !== 'read') return passed()
    const outcome = compare(entry, opened.source, result.array, core)
    // Where the manifest has stored and scaled values, both must be right.
    if (outcome.status !== 'passed' || entry.scaled === undefined) return outcome
    const { scaled, ...stored } = entry
    return await checkRealdata({ core, entry: { ...stored, ...scaled.stats, isScaled: true }, folder, onRead })
  } finally {
    await opened.source?.close()
  }
}

/** Codes by which a reader says that a file is damaged, foreign or beyond it. */
const aboutTheFile = new Set([
  'ERR_ARRAY_NOT_CHOSEN',
  'ERR_CORRUPT_DATA',
  'ERR_NOT_FOUND',
  'ERR_TOO_LARGE',
  'ERR_UNKNOWN_FORMAT',
  'ERR_UNSUPPORTED'
])

const judgeError = (entry, { error, stage }, core) => {
  const flaw = flawOfError(error, core)
  if (flaw !== undefined) return failed(`${stage}: ${flaw}`)
  if (entry.expect === 'error' || entry.expect === 'no-crash') {
    return aboutTheFile.has(error.code) ? passed(describe(error)) : failed(`${stage}: ${describe(error)}, which is not about the file`)
  }
  if (entry.level === 'exotic' && error.code === 'ERR_UNSUPPORTED') return unsupported(describe(error))
  return failed(`${stage}: ${describe(error)}`)
}

const equalShapes = (one, other) => one.length === other.length && one.every((length, axis) => length === other[axis])

const compare = (entry, source, array, core) => {
  const { axes, fileOrder = (parts) => parts } = formats[entry.format]
  if (array.dtype !== entry.dtype) return failed(`dtype ${array.dtype}, expected ${entry.dtype}`)
  if (source.dtype !== array.dtype) return failed(`the source's dtype is ${source.dtype}, that of its data ${array.dtype}`)
  if (!core.isContiguous(array) || (array.offset ?? 0) !== 0) return failed('the result of a read is not in C order')
  const read = fileOrder({
    shape: array.shape,
    bytes: core.bytesOf(array.data),
    itemSize: core.itemSizeOf(array.dtype),
    attrs: source.attrs
  })
  const expectedShape = axes === 'f' ? entry.shape.toReversed() : entry.shape
  if (!equalShapes(read.shape, expectedShape)) return failed(`shape [${read.shape}], expected [${expectedShape}]`)
  return compareValues(entry, read.bytes, axes)
}

const compareValues = (entry, bytes, axes) => {
  const { dtype, shape, tolerance, rois = [] } = entry
  const count = shape.reduce((product, length) => product * length, 1)
  const element = elementReader(bytes, dtype)
  const strides = stridesOf(shape, axes)
  for (const roi of rois) {
    const found = boxElements(element, shape, strides, roi.start, roi.shape)
    const close = (value, at) =>
      tolerance === undefined ? sameElement(value, roi.values[at], dtype) : Math.abs(Number(value) - roi.values[at]) <= tolerance.max_abs
    const wrong = found.findIndex((value, at) => !close(value, at))
    if (wrong >= 0) return failed(`element ${wrong} of the region at [${roi.start}] is ${found[wrong]}, expected ${roi.values[wrong]}`)
  }
  const { min, max, sum } = statisticsOf(bytes, dtype, count)
  if (tolerance !== undefined) {
    const difference = Math.abs(Number(sum) - Number(entry.sum)) / Math.max(1, count)
    return difference <= tolerance.mean_abs ? passed() : failed(`the mean differs by ${difference}`)
  }
  if (entry.sha256_c_order_le !== undefined) {
    const expected = axes === 'f' ? entry.sha256_f_order_le : entry.sha256_c_order_le
    if (sha256(bytes) !== expected) return failed('values differ (sha256)')
  }
  if (entry.min !== null && entry.min !== undefined && !sameElement(min, entry.min, dtype))
    return failed(`min ${min}, expected ${entry.min}`)
  if (entry.max !== null && entry.max !== undefined && !sameElement(max, entry.max, dtype))
    return failed(`max ${max}, expected ${entry.max}`)
  if (!sameSum(sum, entry.sum)) return failed(`sum ${sum}, expected ${entry.sum}`)
  return passed()
}

const sameSum = (found, stated) => {
  if (stated === null || stated === undefined) return true
  if (Array.isArray(stated)) return stated.every((part, index) => sameSum(found[index], part))
  return typeof found === 'bigint' ? found === BigInt(stated) : found === Number(stated)
}
