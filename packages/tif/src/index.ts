import { registerSource } from '@bioimage/core'
import { tif } from './driver.js'

export { type SeriesKind, type TifParams, type TifSource, type TifSpec, tif } from './driver.js'

registerSource(tif)
