import { registerSource } from '@bioimage/core'
import { webknossos, wkw } from './driver.js'

registerSource(webknossos)
registerSource(wkw)

export {
  type WebknossosLayerOptions,
  type WebknossosParams,
  type WebknossosSource,
  type WebknossosSpec,
  type WkwParams,
  type WkwSource,
  type WkwSpec,
  webknossos,
  wkw
} from './driver.js'
export { listLayers, listMags, type OpenWebknossosOptions, openWebknossos, type WebknossosOptions } from './open-webknossos.js'
