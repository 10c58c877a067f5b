import { registerSource } from '@bioimage/core'
import { wkw } from './driver.js'

registerSource(wkw)

export { type WkwParams, type WkwSource, type WkwSpec, wkw } from './driver.js'
