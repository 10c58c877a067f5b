import { type DType, type JsonObject, SourceError } from '@bioimage/core'
import { contiguousStride, itemSizeOf, type LinearScaling, type StridedLayout, sizeOf } from '@bioimage/core/backend'
import { headerBytes, type NiftiHeader } from './header.js'

interface Datatype {
  readonly dtype: DType
  /** Elements of a voxel, as a further axis; absent for one. */
  readonly channels?: number | undefined
}

const datatypes: Readonly<Record<number, Datatype>> = {
  2: { dtype: 'uint8' },
  4: { dtype: 'int16' },
  8: { dtype: 'int32' },
  16: { dtype: 'float32' },
  32: { dtype: 'complex64' },
  64: { dtype: 'float64' },
  128: { dtype: 'uint8', channels: 3 },
  256: { dtype: 'int8' },
  512: { dtype: 'uint16' },
  768: { dtype: 'uint32' },
  1024: { dtype: 'int64' },
  1280: { dtype: 'uint64' },
  1792: { dtype: 'complex128' },
  2304: { dtype: 'uint8', channels: 4 }
}

const unreadDatatypes: Readonly<Record<number, string>> = { 1: ' (binary)', 1536: ' (float128)', 2048: ' (complex256)' }

/** The code that stores a dtype, `undefined` if there is none. */
export function datatypeOf(dtype: DType): number | undefined {
  const code = Object.keys(datatypes).find((code) => datatypes[Number(code)]?.dtype === dtype)
  return code === undefined ? undefined : Number(code)
}

/** Elements of a voxel: 3 and 4 for colours, else 1. */
export function channelsOf(header: Pick<NiftiHeader, 'datatype'>): number {
  return datatypes[header.datatype]?.channels ?? 1
}

/** How the reader is asked to give values. */
export interface ValueOptions {
  /** Whether to scale by `scl_slope` and `scl_inter`. */
  readonly scaled: boolean
  /** Type of the floats; absent for what the file asks for. */
  readonly dtype: 'float32' | 'float64' | undefined
}

/** The options of a request. */
export function valueOptionsOf({ scaled, dtype }: JsonObject): ValueOptions {
  return { scaled: scaled !== false, dtype: dtype === 'float32' || dtype === 'float64' ? dtype : undefined }
}

/**
 * Where the voxels lie. Files are in Fortran order, the first axis fastest, which is C order of the reversed shape: nothing is moved.
 *
 * @param single Whether header and voxels are one file.
 * @throws ERR_CORRUPT_DATA for impossible fields, ERR_UNSUPPORTED for a datatype that is not read and for scaled colours.
 */
export function layoutOf(header: NiftiHeader, single: boolean, options: ValueOptions): StridedLayout {
  const datatype = datatypes[header.datatype]
  if (datatype === undefined) {
    const known = Object.entries(datatypes).map(
      ([code, { dtype, channels }]) => `${code} ${channels === undefined ? dtype : `${channels} x ${dtype}`}`
    )
    throw new SourceError(
      'ERR_UNSUPPORTED',
      `NIfTI datatype ${header.datatype}${unreadDatatypes[header.datatype] ?? ''} is not read; known are ${known.join(', ')}`
    )
  }
  const { dtype: storedDType, channels } = datatype
  const shape = [...lengthsOf(header).toReversed(), ...(channels === undefined ? [] : [channels])]
  const itemSize = itemSizeOf(storedDType)
  const scaling = scalingOf(header, storedDType, channels !== undefined, options)
  return {
    shape,
    dtype: scaling === undefined ? storedDType : floatsOf(storedDType, options.dtype ?? 'float64'),
    byteOrder: header.byteOrder,
    strides: contiguousStride(shape).map((stride) => stride * itemSize),
    parts: [{ key: '', offset: voxelOffset(header, single) }],
    scaling
  }
}

/** Bytes that a file needs to hold all voxels; it may be longer. Not exact beyond 2^53, where no file reaches. */
export function fileBytesOf(layout: StridedLayout): number {
  return (layout.parts[0]?.offset ?? 0) + sizeOf(layout.shape) * itemSizeOf(layout.scaling?.storedDType ?? layout.dtype)
}

/** The lengths along i, j, k, … with what programs made of them that needed more than 32767. */
export function lengthsOf(header: Pick<NiftiHeader, 'dim' | 'version' | 'glmin' | 'intent_code'>): readonly number[] {
  const { dim, version, glmin } = header
  const [rank = 0, ...all] = dim
  if (!(rank >= 1 && rank <= 7)) throw corrupt(`dim[0] is ${rank} in the NIfTI header, expected the number of axes, 1 to 7`)
  let lengths = all.slice(0, rank)
  const [first, second, third, ...others] = lengths
  if (version === 1 && second === 1 && rank >= 3) {
    // FreeSurfer: long vectors of surfaces.
    if (first === -1 && third === 1) {
      if (glmin <= 0) throw corrupt(`dim[1] is -1, by which FreeSurfer says that glmin holds the length, but that is ${glmin}`)
      lengths = [glmin, 1, 1, ...others]
    } else if (first === 27307 && third === 6) {
      lengths = [163842, 1, 1, ...others]
    }
  }
  for (const [at, length] of lengths.entries()) {
    if (!Number.isSafeInteger(length) || length < 0) throw corrupt(`dim[${at + 1}] is ${length} in the NIfTI header, expected 0 or more`)
  }
  return isCifti(header) ? lengths.slice(4) : lengths
}

/** CIFTI-2 matrices of surfaces and voxels leave the axes of space and time out. */
function isCifti({ version, dim, intent_code }: Pick<NiftiHeader, 'dim' | 'version' | 'intent_code'>): boolean {
  const [rank = 0, ...lengths] = dim
  return version === 2 && intent_code >= 3000 && intent_code < 3100 && rank > 4 && lengths.slice(0, 4).every((length) => length === 1)
}

function voxelOffset(header: NiftiHeader, single: boolean): number {
  const least = headerBytes[header.version] + 4
  const offset = Math.trunc(header.vox_offset)
  const hasPlus = header.magic.charAt(1) === '+'
  if (!Number.isSafeInteger(offset) || offset < 0 || (single && hasPlus && offset > 0 && offset < least)) {
    throw corrupt(
      `vox_offset is ${header.vox_offset} in the NIfTI header, expected ${single && hasPlus ? `${least} or more` : '0 or more'}`
    )
  }
  // Some programs leave it 0 in single files, which cannot be meant.
  return single && hasPlus && offset === 0 ? least : offset
}

/** The scaling that reads apply; `undefined` where they give what is stored. */
function scalingOf(header: NiftiHeader, storedDType: DType, isColour: boolean, options: ValueOptions): LinearScaling | undefined {
  const { scl_slope: slope, scl_inter: intercept } = header
  const isValid = options.scaled && slope !== 0 && Number.isFinite(slope)
  if (isValid && !Number.isFinite(intercept)) {
    throw corrupt(`scl_slope is ${slope} but scl_inter ${intercept} in the NIfTI header; give \`scaled: false\` to read what is stored`)
  }
  if (isValid && (slope !== 1 || intercept !== 0)) {
    if (!isColour) return { storedDType, slope, intercept }
    throw new SourceError(
      'ERR_UNSUPPORTED',
      `colours with scl_slope ${slope} are not scaled; give \`scaled: false\` to read what is stored`
    )
  }
  return options.dtype === undefined || floatsOf(storedDType, options.dtype) === storedDType
    ? undefined
    : { storedDType, slope: 1, intercept: 0 }
}

function floatsOf(storedDType: DType, dtype: 'float32' | 'float64'): DType {
  if (storedDType === 'complex64' || storedDType === 'complex128') return dtype === 'float32' ? 'complex64' : 'complex128'
  return dtype
}

function corrupt(message: string): SourceError {
  return new SourceError('ERR_CORRUPT_DATA', message)
}
