import type { Axis, JsonObject, SourceMetadata } from '@bioimage/core'
import type { MrcHeader } from './header.js'
import { isVolumeStack } from './layout.js'

/** The header as plain JSON. Numbers that are not finite are `null`. */
export function attrsOf(header: MrcHeader): JsonObject {
  const { byteOrder: _, dmin, dmax, dmean, rms, cella, cellb, origin, labels, ...fields } = header
  return {
    ...fields,
    ...finite({ dmin, dmax, dmean, rms }),
    cella: finite(cella),
    cellb: finite(cellb),
    origin: finite(origin),
    labels: [...labels]
  }
}

/** Axes with the voxel size: cell length / intervals, in angstrom; absent where the header does not tell it. */
export function metadataOf(header: MrcHeader, rank: number): SourceMetadata {
  const cell = [header.cella.x, header.cella.y, header.cella.z]
  const intervals = [header.mx, header.my, header.mz]
  const axis = (number: number): Axis => {
    const scale = (cell[number] ?? 0) / (intervals[number] ?? 0)
    return { name: 'xyz'.charAt(number), type: 'space', ...(scale > 0 && Number.isFinite(scale) && { unit: 'angstrom', scale }) }
  }
  const [column, row, section] = axisNumbers(header)
  const index: Axis = { name: 'index', type: 'index' }
  const plane = [axis(row), axis(column)]
  if (rank === 2) return { axes: plane }
  if (isVolumeStack(header)) return { axes: [index, axis(section), ...plane] }
  // An image stack has mz 1. With space group 0 and more intervals, as older programs write it, it is a volume.
  return { axes: [header.ispg === 0 && header.mz <= 1 ? index : axis(section), ...plane] }
}

/** Which of x, y, z (0, 1, 2) columns, rows and sections run along; as in MRC2014's default where the header does not say. */
function axisNumbers({ mapc, mapr, maps }: MrcHeader): readonly [number, number, number] {
  return [mapc, mapr, maps].includes(0) ? [0, 1, 2] : [mapc - 1, mapr - 1, maps - 1]
}

function finite(values: Readonly<Record<string, number>>): JsonObject {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number.isFinite(value) ? value : null]))
}
