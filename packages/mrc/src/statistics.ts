import type { DType, ObjectWriter } from '@bioimage/core'
import { createData, Float16View, itemSizeOf } from '@bioimage/core/backend'
import { type Statistics, unknownStatistics } from './header.js'

const pieceBytes = 4 << 20

/**
 * Statistics over all values that are written from `offset` on, read back piece by piece. Unknown for complex values, for NaN
 * and infinite ones, and for no values at all.
 */
export async function measure(writer: ObjectWriter, offset: number, dtype: DType): Promise<Statistics> {
  if (dtype === 'complex64' || writer.size <= offset) return unknownStatistics
  const piece = new Uint8Array(Math.min(pieceBytes, writer.size - offset))
  let minimum = Number.POSITIVE_INFINITY
  let maximum = Number.NEGATIVE_INFINITY
  let count = 0
  let mean = 0
  let deviation = 0
  for (let at = offset; at < writer.size; at += piece.byteLength) {
    const bytes = piece.subarray(0, writer.size - at)
    await writer.read(at, bytes)
    const values = valuesOf(dtype, bytes)
    let sum = 0
    for (const value of values) {
      if (value < minimum) minimum = value
      if (value > maximum) maximum = value
      sum += value
    }
    if (!Number.isFinite(sum)) return unknownStatistics
    const pieceMean = sum / values.length
    let squares = 0
    for (const value of values) squares += (value - pieceMean) ** 2
    // Means and deviations of two parts joined (Chan, Golub, LeVeque 1979), exact enough for any number of values.
    const difference = pieceMean - mean
    const total = count + values.length
    deviation += squares + (difference * difference * count * values.length) / total
    mean += (difference * values.length) / total
    count = total
  }
  return { minimum, maximum, mean, rms: Math.sqrt(deviation / count) }
}

type Values = Int8Array | Int16Array | Uint16Array | Float32Array

function valuesOf(dtype: DType, bytes: Uint8Array): Values {
  const data = createData(dtype, bytes.byteLength / itemSizeOf(dtype), bytes.buffer, bytes.byteOffset)
  if (data instanceof Float16View) return data.toFloat32Array()
  if (data instanceof Int8Array || data instanceof Int16Array || data instanceof Uint16Array || data instanceof Float32Array) return data
  throw new TypeError(`an MRC file holds no ${dtype}`)
}
