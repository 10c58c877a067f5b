import { registerSource } from '@bioimage/core'
import { n5 } from './driver.js'

registerSource(n5)

export { type N5Params, type N5Source, type N5Spec, n5 } from './driver.js'
