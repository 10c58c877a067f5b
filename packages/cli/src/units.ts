import type { Axis, SourceMetadata } from '@bioimage/core'

const symbols: Readonly<Record<string, string>> = {
  angstrom: 'Å',
  picometer: 'pm',
  nanometer: 'nm',
  micrometer: 'µm',
  millimeter: 'mm',
  centimeter: 'cm',
  meter: 'm',
  second: 's',
  millisecond: 'ms',
  microsecond: 'µs',
  minute: 'min',
  hour: 'h'
}

/** A number of bytes for people: `"12.3 MiB"`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB']
  const power = bytes < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1024 ** power
  return power === 0 ? `${bytes} B` : `${value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${units[power]}`
}

/** A shape for people: `"64 × 512 × 512"`. */
export function formatShape(shape: readonly number[]): string {
  return shape.length === 0 ? 'scalar' : shape.join(' × ')
}

/** Axes with their voxel sizes: `"z 40 nm, y 4 nm, x 4 nm"`; `undefined` where the format says nothing. */
export function formatAxes(metadata: SourceMetadata): string | undefined {
  if (metadata.axes === undefined || metadata.axes.length === 0) return undefined
  return metadata.axes.map(formatAxis).join(', ')
}

function formatAxis(axis: Axis): string {
  if (axis.scale === undefined) return axis.type === 'space' ? axis.name : `${axis.name} (${axis.type})`
  const unit = axis.unit === undefined ? '' : ` ${symbols[axis.unit] ?? axis.unit}`
  return `${axis.name} ${formatNumber(axis.scale)}${unit}`
}

/** At most seven significant digits, without trailing zeros; integers whole. */
export function formatNumber(value: number | bigint): string {
  if (typeof value === 'bigint' || Number.isInteger(value) || !Number.isFinite(value)) return String(value)
  return String(Number(value.toPrecision(7)))
}

const factors: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 }

/** Bytes of `256MiB`, `1G`, `65536`; `undefined` for anything else. A unit stands for a power of 1024. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?$/i.exec(text.trim())
  const factor = factors[match?.[2]?.toLowerCase() ?? 'none']
  return match === null || factor === undefined ? undefined : Math.round(Number(match[1]) * factor)
}
