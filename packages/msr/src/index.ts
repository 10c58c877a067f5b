/**
 * Msr files for `openSource`: importing this package registers the format.
 *
 * @module
 */
import { registerSource } from '@bioimage/core'
import { msr } from './driver.js'

export { msr, type MsrSource, type MsrSpec } from './driver.js'

registerSource(msr)
