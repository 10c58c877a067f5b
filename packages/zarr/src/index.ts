import { registerSource } from '@bioimage/core'
import { zarr } from './driver.js'

registerSource(zarr)

export { type ZarrParams, type ZarrSource, type ZarrSpec, zarr } from './driver.js'
