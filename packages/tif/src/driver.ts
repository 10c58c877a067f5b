import type { JsonObject, Source, SourceDriver, SpecBase } from '@bioimage/core'
import { type SeriesKind, seriesKinds } from './series-kind.js'

export type { SeriesKind } from './series-kind.js'

/** Options of a TIFF source. */
export interface TifParams extends JsonObject {
  /** Number of the series, from 0. Defaults to 0. */
  readonly series?: number
  /** Level of the pyramid; 0 is the finest, and the default. */
  readonly level?: number
  /** Rule to read the file by, instead of the first that fits. */
  readonly seriesKind?: SeriesKind
}

/** Spec of a TIFF file. */
export interface TifSpec extends SpecBase<'tif'> {
  readonly path: string
  readonly params?: TifParams | undefined
}

/** A series of a TIFF file. */
export interface TifSource extends Source {
  readonly kind: 'tif'
  /** Letters of the axes as tifffile names them, such as `"TZCYX"`. */
  readonly axes: string
  readonly seriesKind: SeriesKind
  /** Gives up a file that is being created: nothing is left of it. Does nothing for a file that was opened. */
  discard(): Promise<void>
}

declare module '@bioimage/core' {
  interface SourceKinds {
    tif: { spec: TifSpec; source: TifSource }
  }
}

/** Driver of TIFF and BigTIFF files: ImageJ hyperstacks, OME-TIFF, Micro-Manager stacks and plain ones. */
export const tif: SourceDriver<'tif'> = {
  api: 1,
  kind: 'tif',
  id: '@bioimage/tif',
  extensions: ['.tif', '.tiff', '.ome.tif', '.ome.tiff', '.tf2', '.tf8', '.btf', '.ome.btf', '.companion.ome'],
  writable: true,
  layout: 'container',
  schema: { series: 'integer', level: 'integer', seriesKind: seriesKinds },
  createSchema: {
    compression: ['none', 'zlib', 'zstd', 'lzw'],
    compressionLevel: 'integer',
    predictor: 'boolean',
    description: ['shaped', 'ome', 'imagej'],
    bigTiff: 'boolean'
  },
  sniff: { prefixBytes: 4, test: isTiff },
  load: () => import('./reader.js')
}

/** "II" or "MM", then 42 or, for BigTIFF, 43, in that byte order. */
function isTiff([first, second, third, fourth]: Uint8Array): boolean {
  if (first === 0x49 && second === 0x49) return (third === 42 || third === 43) && fourth === 0
  return first === 0x4d && second === 0x4d && third === 0 && (fourth === 42 || fourth === 43)
}
