import type { CodecSpec, DType, Index, Json, JsonObject } from '@bioimage/core'
import { dtypes, isDType } from '@bioimage/core/backend'
import { UsageError } from './failure.js'
import { parseRoi } from './roi.js'
import { parseBytes } from './units.js'

/** Slices asked for, by axis name or number. */
export type AxisIndices = Readonly<Record<string, number>>

/** For options that may be repeated. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

export function roi(text: string): Index {
  return parseRoi(text)
}

/** A shape such as `64,64,64`. */
export function shape(option: string): (text: string) => readonly number[] {
  return (text) => {
    const parts = text.split(/[,x×]/).map((part) => part.trim())
    if (!parts.every((part) => /^[1-9]\d*$/.test(part)))
      throw new UsageError(`${option} ${JSON.stringify(text)}: a shape is a list of integers of at least 1, such as 64,64,64`)
    return parts.map(Number)
  }
}

export function integer(option: string): (text: string) => number {
  return (text) => {
    if (!/^-?\d+$/.test(text)) throw new UsageError(`${option} ${JSON.stringify(text)} is not an integer`)
    return Number(text)
  }
}

export function positive(option: string): (text: string) => number {
  return (text) => {
    if (!/^[1-9]\d*$/.test(text)) throw new UsageError(`${option} ${JSON.stringify(text)} is not an integer of at least 1`)
    return Number(text)
  }
}

export function memory(text: string): number {
  const bytes = parseBytes(text)
  if (bytes === undefined || bytes < 2 ** 20)
    throw new UsageError(`--memory ${JSON.stringify(text)} is not a number of bytes of at least 1MiB, such as 512MiB`)
  return bytes
}

export function percentiles(text: string): readonly [number, number] {
  const [low, high] = pair('--percentile', text)
  if (low < 0 || high > 100) throw new UsageError(`--percentile ${JSON.stringify(text)}: percentiles lie between 0 and 100`)
  return [low, high]
}

export function range(text: string): readonly [number, number] {
  return pair('--range', text)
}

/** `z=10`, `t=0`, `0=5`. */
export function axisIndices(text: string, before: AxisIndices = {}): AxisIndices {
  const [, axis, index] = /^\s*([^=\s]+)\s*=\s*(-?\d+)\s*$/.exec(text) ?? []
  if (axis === undefined || index === undefined)
    throw new UsageError(`--slice ${JSON.stringify(text)} is not an axis and an index, such as z=10 or 0=10`)
  return { ...before, [axis]: Number(index) }
}

export function dtype(text: string): DType {
  if (!isDType(text)) throw new UsageError(`--dtype ${JSON.stringify(text)} is unknown; known are ${dtypes.join(', ')}`)
  return text
}

/** `name=value`, where value is JSON or else a string. */
export function parameters(option: string): (text: string, before?: JsonObject) => JsonObject {
  return (text, before = {}) => {
    const at = text.indexOf('=')
    if (at < 1) throw new UsageError(`${option} ${JSON.stringify(text)} is not a name and a value, such as order=F`)
    return { ...before, [text.slice(0, at)]: jsonOrText(text.slice(at + 1)) }
  }
}

const codecs: Readonly<Record<string, (level: number | undefined) => readonly CodecSpec[]>> = {
  none: () => [],
  zstd: (level = 3) => [{ id: 'zstd', level }],
  gzip: (level = 5) => [{ id: 'gzip', level }],
  zlib: (level = 5) => [{ id: 'zlib', level }],
  lz4: () => [{ id: 'lz4' }],
  'blosc-lz4': (clevel = 5) => [{ id: 'blosc', cname: 'lz4', clevel }],
  'blosc-zstd': (clevel = 5) => [{ id: 'blosc', cname: 'zstd', clevel }]
}

/** `zstd:3`, `gzip:5`, `blosc-lz4`, `none`: the chain that compresses chunks. */
export function codec(text: string): readonly CodecSpec[] {
  const [, name = '', level] = /^([a-z0-9-]+)(?::(\d+))?$/.exec(text) ?? []
  const chain = Object.hasOwn(codecs, name) ? codecs[name] : undefined
  if (chain === undefined)
    throw new UsageError(
      `--codec ${JSON.stringify(text)} is unknown; known are ${Object.keys(codecs).join(', ')}, with a level as in zstd:3`
    )
  if (level !== undefined && (name === 'none' || name === 'lz4'))
    throw new UsageError(`--codec ${JSON.stringify(text)}: ${name} has no level`)
  return chain(level === undefined ? undefined : Number(level))
}

function pair(option: string, text: string): readonly [number, number] {
  const [low = Number.NaN, high = Number.NaN, ...rest] = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
  if (rest.length > 0 || !Number.isFinite(low) || !Number.isFinite(high) || low >= high)
    throw new UsageError(`${option} ${JSON.stringify(text)} is not two numbers, the smaller first`)
  return [low, high]
}

function jsonOrText(text: string): Json {
  try {
    const value: Json = JSON.parse(text)
    return value
  } catch {
    return text
  }
}
