/**
 * MRC and CCP4 files for `openSource` and `createSource`: importing this package registers the format.
 *
 * @module
 */
import { registerSource } from '@bioimage/core'
import { mrc } from './driver.js'

export { type MrcSource, type MrcSpec, mrc } from './driver.js'

registerSource(mrc)
