/**
 * OBF files of Imspector (.obf, .msr) for `openSource`: importing this package registers the format.
 *
 * @module
 */
import { registerSource } from '@bioimage/core'
import { msr } from './driver.js'

export { type MsrSource, type MsrSpec, msr } from './driver.js'

registerSource(msr)
