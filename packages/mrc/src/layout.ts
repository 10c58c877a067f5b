import { type DType, SourceError } from '@bioimage/core'
import { itemSizeOf, type StridedLayout, sizeOf } from '@bioimage/core/backend'
import { headerBytes, type MrcHeader } from './header.js'

/** Types of the elements by mode. Mode 0 is signed whatever the program that wrote it thought. */
const dtypeOfMode: Readonly<Record<number, DType>> = { 0: 'int8', 1: 'int16', 2: 'float32', 4: 'complex64', 6: 'uint16', 12: 'float16' }

const unreadModes: Readonly<Record<number, string>> = { 3: ' (complex 16-bit integers)', 101: ' (4-bit integers)' }

/** The mode that stores a dtype, `undefined` if there is none. */
export function modeOf(dtype: DType): number | undefined {
  const mode = Object.keys(dtypeOfMode).find((mode) => dtypeOfMode[Number(mode)] === dtype)
  return mode === undefined ? undefined : Number(mode)
}

/** Whether the file holds a stack of volumes: space group 401 to 630. */
export function isVolumeStack(header: { readonly ispg: number }): boolean {
  return header.ispg >= 401 && header.ispg <= 630
}

/**
 * Where the elements lie. Rows are stored from the bottom up: y, the second-last axis, runs backwards through the file. That
 * is a negative stride and costs nothing.
 *
 * @throws ERR_CORRUPT_DATA for impossible dimensions or axes, ERR_UNSUPPORTED for a mode that is not read.
 */
export function layoutOf(header: MrcHeader): StridedLayout {
  const dtype = dtypeOfMode[header.mode]
  if (dtype === undefined) {
    const known = Object.entries(dtypeOfMode).map(([mode, dtype]) => `${mode} ${dtype}`)
    throw new SourceError(
      'ERR_UNSUPPORTED',
      `MRC mode ${header.mode}${unreadModes[header.mode] ?? ''} is not read; known are ${known.join(', ')}`
    )
  }
  checkAxes(header)
  const shape = shapeOf(header)
  const strides = shape.map(() => 0)
  let step = itemSizeOf(dtype)
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = step
    step *= shape[axis] ?? 1
  }
  const y = shape.length - 2
  const rowBytes = strides[y] ?? 0
  strides[y] = -rowBytes
  const offset = headerBytes + header.nsymbt + Math.max(0, (shape[y] ?? 0) - 1) * rowBytes
  return { shape, dtype, byteOrder: header.byteOrder, strides, parts: [{ key: '', offset }] }
}

/** Bytes of a whole file with this header; a file may be longer. Not exact beyond 2^53, where no file reaches. */
export function fileBytesOf(header: MrcHeader, layout: Pick<StridedLayout, 'shape' | 'dtype'>): number {
  return headerBytes + header.nsymbt + sizeOf(layout.shape) * itemSizeOf(layout.dtype)
}

/** @throws ERR_CORRUPT_DATA if a file is shorter than its header says. */
export function checkFileSize(header: MrcHeader, layout: StridedLayout, found: number): void {
  const expected = fileBytesOf(header, layout)
  if (found >= expected) return
  throw new SourceError(
    'ERR_CORRUPT_DATA',
    `the file is cut: its header (nx ${header.nx}, ny ${header.ny}, nz ${header.nz}, mode ${header.mode}, nsymbt ${header.nsymbt}) takes ${expected} bytes, found ${found}`
  )
}

function shapeOf({ nx, ny, nz, mz, nsymbt, ispg }: MrcHeader): number[] {
  for (const [name, value] of Object.entries({ nx, ny, nz, nsymbt })) {
    if (value < 0) throw new SourceError('ERR_CORRUPT_DATA', `${name} is ${value} in the MRC header, expected 0 or more`)
  }
  if (isVolumeStack({ ispg })) {
    if (mz <= 0 || nz % mz !== 0) {
      throw new SourceError('ERR_CORRUPT_DATA', `a stack of volumes (ispg ${ispg}) has nz ${nz}, which is no multiple of mz ${mz}`)
    }
    return [nz / mz, mz, ny, nx]
  }
  return ispg === 0 && nz === 1 ? [ny, nx] : [nz, ny, nx]
}

/** The axis numbers move no data, but a header with impossible ones is damaged. Old programs leave them at 0. */
function checkAxes({ mapc, mapr, maps }: MrcHeader): void {
  const given = [mapc, mapr, maps].filter((axis) => axis !== 0)
  if (given.every((axis) => axis >= 1 && axis <= 3) && new Set(given).size === given.length) return
  throw new SourceError(
    'ERR_CORRUPT_DATA',
    `mapc, mapr, maps are ${mapc}, ${mapr}, ${maps} in the MRC header, expected 1, 2, 3 in any order`
  )
}
