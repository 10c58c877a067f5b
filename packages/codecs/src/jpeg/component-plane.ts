import { inverseDct } from './inverse-dct.js'
import type { JpegComponent, JpegFrame } from './jpeg-header.js'

/** The samples of one component, before they are brought to the size of the image. */
export interface ComponentPlane {
  readonly component: JpegComponent
  /** Samples along x and y that belong to the image; the plane is padded to whole minimum coded units behind them. */
  readonly width: number
  readonly height: number
  /** Blocks of 8 x 8 that belong to the image: what a scan of this component alone holds. */
  readonly blocksWide: number
  readonly blocksHigh: number
  /** Samples of a row with its padding. */
  readonly stride: number
  readonly samples: Uint8Array | Uint16Array
  /** Coefficients of all blocks in natural order, where several scans refine them; else empty. */
  readonly coefficients: Int16Array
  /** Blocks of a row with its padding. */
  readonly blockStride: number
}

/** Minimum coded units of the interleaved scan of a frame. */
export interface CodedUnits {
  readonly wide: number
  readonly high: number
}

/** Largest sampling factors of a frame. */
export function maximalSampling({ components }: JpegFrame): { readonly horizontal: number; readonly vertical: number } {
  return {
    horizontal: Math.max(...components.map((component) => component.horizontalSampling)),
    vertical: Math.max(...components.map((component) => component.verticalSampling))
  }
}

export function codedUnits(frame: JpegFrame): CodedUnits {
  const { horizontal, vertical } = maximalSampling(frame)
  return { wide: Math.ceil(frame.width / (8 * horizontal)), high: Math.ceil(frame.height / (8 * vertical)) }
}

/** Memory for the samples of every component of a frame (ITU-T T.81, A.1.1 and A.2). */
export function createPlanes(frame: JpegFrame): ComponentPlane[] {
  const { horizontal, vertical } = maximalSampling(frame)
  const units = codedUnits(frame)
  return frame.components.map((component) => {
    const width = Math.ceil((frame.width * component.horizontalSampling) / horizontal)
    const height = Math.ceil((frame.height * component.verticalSampling) / vertical)
    const blockStride = units.wide * component.horizontalSampling
    const stride = blockStride * 8
    const size = stride * units.high * component.verticalSampling * 8
    return {
      component,
      width,
      height,
      blocksWide: Math.ceil(width / 8),
      blocksHigh: Math.ceil(height / 8),
      stride,
      samples: frame.precision > 8 ? new Uint16Array(size) : new Uint8Array(size),
      coefficients: new Int16Array(frame.progressive ? size : 0),
      blockStride
    }
  })
}

/** Transforms the collected coefficients of a component into its samples. */
export function transformPlane(plane: ComponentPlane, quantization: Uint16Array, precision: number): void {
  for (let row = 0; row < plane.blocksHigh; row++) {
    for (let column = 0; column < plane.blocksWide; column++) {
      const from = (row * plane.blockStride + column) * 64
      inverseDct(plane.coefficients, from, quantization, plane.samples, row * 8 * plane.stride + column * 8, plane.stride, precision)
    }
  }
}
