import { SourceError } from '@bioimage/core'

/** Bytes of the fixed header (MRC2014). Data follows behind `nsymbt` bytes of extended header. */
export const headerBytes = 1024

/** The header's fields by their names in MRC2014. Lengths of the cell are in angstrom, its angles in degrees. */
export interface MrcHeader {
  readonly byteOrder: 'little' | 'big'
  readonly nx: number
  readonly ny: number
  readonly nz: number
  readonly mode: number
  readonly nxstart: number
  readonly nystart: number
  readonly nzstart: number
  readonly mx: number
  readonly my: number
  readonly mz: number
  readonly cella: { readonly x: number; readonly y: number; readonly z: number }
  readonly cellb: { readonly alpha: number; readonly beta: number; readonly gamma: number }
  readonly mapc: number
  readonly mapr: number
  readonly maps: number
  readonly dmin: number
  readonly dmax: number
  readonly dmean: number
  readonly ispg: number
  readonly nsymbt: number
  readonly exttyp: string
  readonly nversion: number
  readonly origin: { readonly x: number; readonly y: number; readonly z: number }
  readonly map: string
  /** The four bytes in hexadecimal. */
  readonly machst: string
  readonly rms: number
  readonly nlabl: number
  readonly labels: readonly string[]
}

/** Mode numbers of the specification. Which of them are read is decided by {@link layoutOf}. */
const knownModes: ReadonlySet<number> = new Set([0, 1, 2, 3, 4, 6, 12, 101])

/**
 * Reads the header. A missing "MAP " or a wrong machine stamp does not matter as long as the mode makes sense.
 *
 * @throws ERR_CORRUPT_DATA for anything that is no MRC header.
 */
export function parseHeader(bytes: Uint8Array): MrcHeader {
  if (bytes.byteLength < headerBytes) {
    throw new SourceError('ERR_CORRUPT_DATA', `an MRC file begins with a header of ${headerBytes} bytes, found ${bytes.byteLength}`)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, headerBytes)
  const little = isLittleEndian(view)
  const integer = (offset: number): number => view.getInt32(offset, little)
  const float = (offset: number): number => view.getFloat32(offset, little)
  const header: MrcHeader = {
    byteOrder: little ? 'little' : 'big',
    nx: integer(0),
    ny: integer(4),
    nz: integer(8),
    mode: integer(12),
    nxstart: integer(16),
    nystart: integer(20),
    nzstart: integer(24),
    mx: integer(28),
    my: integer(32),
    mz: integer(36),
    cella: { x: float(40), y: float(44), z: float(48) },
    cellb: { alpha: float(52), beta: float(56), gamma: float(60) },
    mapc: integer(64),
    mapr: integer(68),
    maps: integer(72),
    dmin: float(76),
    dmax: float(80),
    dmean: float(84),
    ispg: integer(88),
    nsymbt: integer(92),
    exttyp: text(bytes, 104, 4),
    nversion: integer(108),
    origin: { x: float(196), y: float(200), z: float(204) },
    map: text(bytes, 208, 4),
    machst: Array.from(bytes.subarray(212, 216), (byte) => byte.toString(16).padStart(2, '0')).join(''),
    rms: float(216),
    nlabl: integer(220),
    labels: labelsOf(bytes, integer(220))
  }
  if (!knownModes.has(header.mode) && header.map !== 'MAP') {
    throw new SourceError(
      'ERR_CORRUPT_DATA',
      `not an MRC file: there is no "MAP " at byte 208, and mode ${header.mode} at byte 12 is none of ${[...knownModes].join(', ')}`
    )
  }
  return header
}

/** What {@link buildHeader} needs; the rest is zero or fixed. */
export type NewHeader = Pick<MrcHeader, 'nx' | 'ny' | 'nz' | 'mode' | 'ispg' | 'cella' | 'cellb' | 'origin' | 'labels'> &
  Pick<MrcHeader, 'nxstart' | 'nystart' | 'nzstart' | 'mx' | 'my' | 'mz' | 'mapc' | 'mapr' | 'maps'>

/** A little-endian header without extended header, with the statistics marked as unknown. */
export function buildHeader(header: NewHeader): Uint8Array {
  const bytes = new Uint8Array(headerBytes)
  const view = new DataView(bytes.buffer)
  const { nx, ny, nz, mode, mx, my, mz, ispg, cella, cellb, origin, labels } = header
  const integers = [nx, ny, nz, mode, header.nxstart, header.nystart, header.nzstart, mx, my, mz]
  const floats = [cella.x, cella.y, cella.z, cellb.alpha, cellb.beta, cellb.gamma]
  for (const [at, value] of integers.entries()) view.setInt32(4 * at, value, true)
  for (const [at, value] of floats.entries()) view.setFloat32(40 + 4 * at, value, true)
  for (const [at, value] of [header.mapc, header.mapr, header.maps].entries()) view.setInt32(64 + 4 * at, value, true)
  view.setInt32(88, ispg, true)
  view.setInt32(108, 20140, true)
  for (const [at, value] of [origin.x, origin.y, origin.z].entries()) view.setFloat32(196 + 4 * at, value, true)
  bytes.set([0x4d, 0x41, 0x50, 0x20, 0x44, 0x44, 0, 0], 208)
  view.setInt32(220, labels.length, true)
  for (const [at, label] of labels.entries()) {
    const place = bytes.subarray(224 + 80 * at, 304 + 80 * at).fill(0x20)
    for (let character = 0; character < label.length; character++) place[character] = label.charCodeAt(character)
  }
  putStatistics(bytes, unknownStatistics)
  return bytes
}

/** Statistics over all values. */
export interface Statistics {
  readonly minimum: number
  readonly maximum: number
  readonly mean: number
  /** Standard deviation from the mean. */
  readonly rms: number
}

/** What MRC2014 says for "not known": dmin above dmax, dmean below both, rms negative. */
export const unknownStatistics: Statistics = { minimum: 0, maximum: -1, mean: -2, rms: -1 }

/** Puts statistics into a little-endian header. */
export function putStatistics(bytes: Uint8Array, statistics: Statistics): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, headerBytes)
  view.setFloat32(76, statistics.minimum, true)
  view.setFloat32(80, statistics.maximum, true)
  view.setFloat32(84, statistics.mean, true)
  view.setFloat32(216, statistics.rms, true)
}

/** The machine stamp says it; where the mode makes no sense then, the other order is taken if it does there. */
function isLittleEndian(view: DataView): boolean {
  const little = !(view.getUint8(212) === 0x11 && view.getUint8(213) === 0x11)
  if (knownModes.has(view.getInt32(12, little))) return little
  return knownModes.has(view.getInt32(12, !little)) ? !little : little
}

function labelsOf(bytes: Uint8Array, count: number): string[] {
  return Array.from({ length: Math.max(0, Math.min(count, 10)) }, (_, at) => text(bytes, 224 + 80 * at, 80))
}

/** Latin-1 without NULs and blanks at the end. */
function text(bytes: Uint8Array, offset: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + length)).replace(/[\0 ]+$/, '')
}
