import { SourceError } from '@bioimage/core'

/** Bytes of the fixed header. A single file has four more, which say whether extensions follow. */
export const headerBytes = { 1: 348, 2: 540 } as const

/** The fields of the header by their names in `nifti1.h` and `nifti2.h`. */
export interface NiftiHeader {
  readonly version: 1 | 2
  readonly byteOrder: 'little' | 'big'
  readonly sizeof_hdr: number
  /** As it stands: rank, then the length along i, j, k, … */
  readonly dim: readonly number[]
  readonly datatype: number
  readonly bitpix: number
  readonly pixdim: readonly number[]
  readonly vox_offset: number
  readonly scl_slope: number
  readonly scl_inter: number
  readonly xyzt_units: number
  readonly intent_code: number
  readonly intent_p1: number
  readonly intent_p2: number
  readonly intent_p3: number
  readonly intent_name: string
  readonly dim_info: number
  readonly slice_start: number
  readonly slice_end: number
  readonly slice_code: number
  readonly slice_duration: number
  readonly toffset: number
  readonly cal_max: number
  readonly cal_min: number
  readonly descrip: string
  readonly aux_file: string
  readonly qform_code: number
  readonly sform_code: number
  readonly quatern_b: number
  readonly quatern_c: number
  readonly quatern_d: number
  readonly qoffset_x: number
  readonly qoffset_y: number
  readonly qoffset_z: number
  readonly srow_x: readonly number[]
  readonly srow_y: readonly number[]
  readonly srow_z: readonly number[]
  /** Length of FreeSurfer's long vectors; NIfTI-1 only. */
  readonly glmin: number
  readonly magic: string
}

type FieldType = 'u8' | 'i16' | 'i32' | 'i64' | 'f32' | 'f64'
/** Those of both versions. */
type NumberField = { [F in keyof NiftiHeader]: NiftiHeader[F] extends number ? F : never }[Exclude<keyof NiftiHeader, 'version' | 'glmin'>]
type ListField = 'dim' | 'pixdim' | 'srow_x' | 'srow_y' | 'srow_z'
type TextField = 'intent_name' | 'descrip' | 'aux_file' | 'magic'

/** Where the fields lie. */
interface Places {
  readonly numbers: Readonly<Record<NumberField, readonly [FieldType, number]>>
  readonly lists: Readonly<Record<ListField, readonly [FieldType, offset: number, count: number]>>
  readonly texts: Readonly<Record<TextField, readonly [offset: number, bytes: number]>>
}

const places: Readonly<Record<1 | 2, Places>> = {
  1: {
    numbers: {
      sizeof_hdr: ['i32', 0],
      dim_info: ['u8', 39],
      intent_p1: ['f32', 56],
      intent_p2: ['f32', 60],
      intent_p3: ['f32', 64],
      intent_code: ['i16', 68],
      datatype: ['i16', 70],
      bitpix: ['i16', 72],
      slice_start: ['i16', 74],
      vox_offset: ['f32', 108],
      scl_slope: ['f32', 112],
      scl_inter: ['f32', 116],
      slice_end: ['i16', 120],
      slice_code: ['u8', 122],
      xyzt_units: ['u8', 123],
      cal_max: ['f32', 124],
      cal_min: ['f32', 128],
      slice_duration: ['f32', 132],
      toffset: ['f32', 136],
      qform_code: ['i16', 252],
      sform_code: ['i16', 254],
      quatern_b: ['f32', 256],
      quatern_c: ['f32', 260],
      quatern_d: ['f32', 264],
      qoffset_x: ['f32', 268],
      qoffset_y: ['f32', 272],
      qoffset_z: ['f32', 276]
    },
    lists: {
      dim: ['i16', 40, 8],
      pixdim: ['f32', 76, 8],
      srow_x: ['f32', 280, 4],
      srow_y: ['f32', 296, 4],
      srow_z: ['f32', 312, 4]
    },
    texts: { descrip: [148, 80], aux_file: [228, 24], intent_name: [328, 16], magic: [344, 4] }
  },
  2: {
    numbers: {
      sizeof_hdr: ['i32', 0],
      datatype: ['i16', 12],
      bitpix: ['i16', 14],
      intent_p1: ['f64', 80],
      intent_p2: ['f64', 88],
      intent_p3: ['f64', 96],
      vox_offset: ['i64', 168],
      scl_slope: ['f64', 176],
      scl_inter: ['f64', 184],
      cal_max: ['f64', 192],
      cal_min: ['f64', 200],
      slice_duration: ['f64', 208],
      toffset: ['f64', 216],
      slice_start: ['i64', 224],
      slice_end: ['i64', 232],
      qform_code: ['i32', 344],
      sform_code: ['i32', 348],
      quatern_b: ['f64', 352],
      quatern_c: ['f64', 360],
      quatern_d: ['f64', 368],
      qoffset_x: ['f64', 376],
      qoffset_y: ['f64', 384],
      qoffset_z: ['f64', 392],
      slice_code: ['i32', 496],
      xyzt_units: ['i32', 500],
      intent_code: ['i32', 504],
      dim_info: ['u8', 524]
    },
    lists: {
      dim: ['i64', 16, 8],
      pixdim: ['f64', 104, 8],
      srow_x: ['f64', 400, 4],
      srow_y: ['f64', 432, 4],
      srow_z: ['f64', 464, 4]
    },
    texts: { magic: [4, 8], descrip: [240, 80], aux_file: [320, 24], intent_name: [508, 16] }
  }
}

const sizes: Readonly<Record<FieldType, number>> = { u8: 1, i16: 2, i32: 4, i64: 8, f32: 4, f64: 8 }

/**
 * Reads the header of either version in either byte order.
 *
 * @throws ERR_CORRUPT_DATA for anything that is no NIfTI header; ERR_UNSUPPORTED for one of Analyze 7.5.
 */
export function parseHeader(bytes: Uint8Array): NiftiHeader {
  const { version, little } = kindOf(bytes)
  const length = headerBytes[version]
  if (bytes.byteLength < length) throw corrupt(`a NIfTI-${version} file begins with a header of ${length} bytes, found ${bytes.byteLength}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, length)
  const { numbers, lists, texts } = places[version]
  const number = (field: NumberField): number => readNumber(view, numbers[field][0], numbers[field][1], little)
  const list = (field: ListField): number[] => {
    const [type, offset, count] = lists[field]
    return Array.from({ length: count }, (_, at) => readNumber(view, type, offset + at * sizes[type], little))
  }
  const text = (field: TextField): string => readText(bytes, ...texts[field])
  return {
    version,
    byteOrder: little ? 'little' : 'big',
    sizeof_hdr: number('sizeof_hdr'),
    dim: list('dim'),
    datatype: number('datatype'),
    bitpix: number('bitpix'),
    pixdim: list('pixdim'),
    vox_offset: number('vox_offset'),
    scl_slope: number('scl_slope'),
    scl_inter: number('scl_inter'),
    xyzt_units: number('xyzt_units'),
    intent_code: number('intent_code'),
    intent_p1: number('intent_p1'),
    intent_p2: number('intent_p2'),
    intent_p3: number('intent_p3'),
    intent_name: text('intent_name'),
    dim_info: number('dim_info'),
    slice_start: number('slice_start'),
    slice_end: number('slice_end'),
    slice_code: number('slice_code'),
    slice_duration: number('slice_duration'),
    toffset: number('toffset'),
    cal_max: number('cal_max'),
    cal_min: number('cal_min'),
    descrip: text('descrip'),
    aux_file: text('aux_file'),
    qform_code: number('qform_code'),
    sform_code: number('sform_code'),
    quatern_b: number('quatern_b'),
    quatern_c: number('quatern_c'),
    quatern_d: number('quatern_d'),
    qoffset_x: number('qoffset_x'),
    qoffset_y: number('qoffset_y'),
    qoffset_z: number('qoffset_z'),
    srow_x: list('srow_x'),
    srow_y: list('srow_y'),
    srow_z: list('srow_z'),
    glmin: version === 1 ? view.getInt32(144, little) : 0,
    magic: text('magic').slice(0, 3)
  }
}

/** A little-endian header of a single file, with what is given and zeros elsewhere. */
export function buildHeader(header: Omit<NiftiHeader, 'byteOrder' | 'sizeof_hdr' | 'magic' | 'vox_offset' | 'glmin'>): Uint8Array {
  const { version } = header
  const length = headerBytes[version]
  // Four bytes behind it say that there are no extensions.
  const bytes = new Uint8Array(length + 4)
  const view = new DataView(bytes.buffer)
  const { numbers, lists, texts } = places[version]
  const all: NiftiHeader = { ...header, byteOrder: 'little', sizeof_hdr: length, vox_offset: length + 4, glmin: 0, magic: magicOf(version) }
  for (const [field, [type, offset]] of entriesOf(numbers)) writeNumber(view, type, offset, all[field])
  for (const [field, [type, offset]] of entriesOf(lists)) {
    for (const [at, value] of all[field].entries()) writeNumber(view, type, offset + at * sizes[type], value)
  }
  for (const [field, [offset, size]] of entriesOf(texts)) {
    const text = new TextEncoder().encode(all[field])
    bytes.set(text.subarray(0, size), offset)
  }
  return bytes
}

function magicOf(version: 1 | 2): string {
  return version === 1 ? 'n+1\0' : 'n+2\0\r\n\x1a\n'
}

function entriesOf<K extends string, V>(record: Readonly<Record<K, V>>): [K, V][] {
  return Object.entries(record) as [K, V][]
}

/** The size of the header tells version and byte order; where that is missing, a rank that makes sense and the magic do. */
function kindOf(bytes: Uint8Array): { readonly version: 1 | 2; readonly little: boolean } {
  if (bytes.byteLength < headerBytes[1]) {
    throw corrupt(`a NIfTI file begins with a header of ${headerBytes[1]} or ${headerBytes[2]} bytes, found ${bytes.byteLength}`)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, headerBytes[1])
  for (const little of [true, false]) {
    const size = view.getInt32(0, little)
    const rank = view.getInt16(40, little)
    const version = size === headerBytes[2] ? 2 : size === headerBytes[1] || (rank >= 1 && rank <= 7) ? 1 : undefined
    if (version === undefined) continue
    const magic = readText(bytes, version === 1 ? 344 : 4, 4)
    if (magic === `n+${version}` || magic === `ni${version}`) return { version, little }
    if (version === 1 && size === headerBytes[1] && magic === '') {
      throw new SourceError('ERR_UNSUPPORTED', 'this is a header of Analyze 7.5, not of NIfTI; convert the image to NIfTI')
    }
    if (size === headerBytes[version]) {
      throw corrupt(`not a NIfTI file: the magic of version ${version} is "n+${version}" or "ni${version}", found ${JSON.stringify(magic)}`)
    }
  }
  throw corrupt(`not a NIfTI file: the first four bytes are no ${headerBytes[1]} or ${headerBytes[2]}, the size of its header`)
}

function readNumber(view: DataView, type: FieldType, offset: number, little: boolean): number {
  switch (type) {
    case 'u8':
      return view.getUint8(offset)
    case 'i16':
      return view.getInt16(offset, little)
    case 'i32':
      return view.getInt32(offset, little)
    case 'i64':
      return Number(view.getBigInt64(offset, little))
    case 'f32':
      return view.getFloat32(offset, little)
    case 'f64':
      return view.getFloat64(offset, little)
  }
}

function writeNumber(view: DataView, type: FieldType, offset: number, value: number): void {
  switch (type) {
    case 'u8':
      view.setUint8(offset, value)
      break
    case 'i16':
      view.setInt16(offset, value, true)
      break
    case 'i32':
      view.setInt32(offset, value, true)
      break
    case 'i64':
      view.setBigInt64(offset, BigInt(value), true)
      break
    case 'f32':
      view.setFloat32(offset, value, true)
      break
    case 'f64':
      view.setFloat64(offset, value, true)
      break
  }
}

/** Text up to its first NUL: UTF-8 where it is that, else Latin-1. */
function readText(bytes: Uint8Array, offset: number, length: number): string {
  const field = bytes.subarray(offset, offset + length)
  const end = field.indexOf(0)
  const text = end < 0 ? field : field.subarray(0, end)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(text)
  } catch {
    return String.fromCharCode(...text)
  }
}

function corrupt(message: string): SourceError {
  return new SourceError('ERR_CORRUPT_DATA', message)
}
