/** What an axis runs along. `index` is an axis of no physical meaning. */
export type AxisType = 'space' | 'time' | 'channel' | 'index'

/** One axis of an image, in the order of `shape`. */
export interface Axis {
  /** Such as `"z"`, `"y"`, `"x"`, `"t"`, `"c"`. */
  readonly name: string
  readonly type: AxisType
  /** Unit of `scale` and `translation`, spelled out as in OME-NGFF: `"nanometer"`, `"micrometer"`, `"second"`. */
  readonly unit?: string | undefined
  /** Distance between neighbouring elements: the voxel size along this axis. */
  readonly scale?: number | undefined
  /** Position of element 0 in the same unit. */
  readonly translation?: number | undefined
}

/** One level of a multiscale image. */
export interface Level {
  /** Path of the array inside the container. */
  readonly internalPath: string
  /** Voxel size per axis, in the units of the axes. */
  readonly scale?: readonly number[] | undefined
  /** Position of voxel 0 per axis, in the units of the axes. */
  readonly translation?: readonly number[] | undefined
}

/** Where the voxels of an image that may be rotated or sheared lie in the world. */
export interface Affine {
  /**
   * Four rows of four numbers: the position in the world is the matrix times `(x, y, z, 1)`, the index along the axes of these names. In
   * medical formats the world's first axis runs to the patient's right, the second to the front, the third up.
   */
  readonly matrix: readonly (readonly number[])[]
  /** Unit of positions in the world, as in {@link Axis.unit}. */
  readonly unit?: string | undefined
  /** What positions refer to: `"scanner"`, `"mni"`, … */
  readonly space?: string | undefined
}

/** One segment of a segmentation. */
export interface Segment {
  /** Decimal digits: ids may be too large for a number. */
  readonly id: string
  readonly name: string
}

/** What is known of the segments of a segmentation. */
export interface SegmentationMetadata {
  /** Decimal digits: ids may be too large for a number. */
  readonly largestSegmentId?: string | undefined
  /** Those that have a name. */
  readonly segments?: readonly Segment[] | undefined
}

/** The same view of the metadata of every format. What a format does not say is absent. */
export interface SourceMetadata {
  /** One entry per axis of the array. */
  readonly axes?: readonly Axis[] | undefined
  /** Name of each element of the channel axis. */
  readonly channels?: readonly string[] | undefined
  /** All levels of the multiscale image that this array belongs to, finest first. */
  readonly levels?: readonly Level[] | undefined
  readonly affine?: Affine | undefined
  /** Of an array whose values are ids of segments. */
  readonly segmentation?: SegmentationMetadata | undefined
}

/** The type that an axis has by its name. */
export function axisTypeOfName(name: string): AxisType {
  const lower = name.toLowerCase()
  if (lower === 'x' || lower === 'y' || lower === 'z') return 'space'
  if (lower === 't' || lower === 'time') return 'time'
  return lower === 'c' || lower === 'channel' ? 'channel' : 'index'
}
