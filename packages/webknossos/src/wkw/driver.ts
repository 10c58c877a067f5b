import type { JsonObject, Mode, Source, SourceDriver, SpecBase } from '@bioimage/core'

/** Options of a WKW source. */
export interface WkwParams extends JsonObject {
  readonly mode?: Mode
  /**
   * Shape of the array, z, y, x and the channels where there are several. The format does not store it: defaults to what reaches
   * to the last file and to the bounding box of the layer, where the folder is part of a dataset.
   */
  readonly shape?: readonly number[]
}

/** Spec of a WKW folder: `path` is a dataset or the folder itself, `internalPath` the folder in it. */
export interface WkwSpec extends SpecBase<'wkw'> {
  readonly path: string
  readonly params?: WkwParams | undefined
}

/**
 * One magnification of a layer, a folder with `header.wkw`. The axes are z, y, x, as stored, and then the channels where there are
 * several. Element 0 is the origin of the dataset.
 */
export interface WkwSource extends Source {
  readonly kind: 'wkw'
}

declare module '@bioimage/core' {
  interface SourceKinds {
    wkw: { spec: WkwSpec; source: WkwSource }
  }
}

/** Driver of WKW folders. */
export const wkw: SourceDriver<'wkw'> = {
  api: 1,
  kind: 'wkw',
  id: '@bioimage/webknossos',
  extensions: ['.wkw'],
  writable: true,
  layout: 'container',
  schema: { shape: 'integers' },
  createSchema: { blockType: ['raw', 'lz4', 'lz4hc'] },
  sniff: { markers: ['header.wkw'] },
  load: () => import('./reader.js')
}
