/**
 * LabVol files for `openSource` and `createSource`: importing this package registers the format.
 *
 * @module
 */
import { registerSource } from '@bioimage/core'
import { labvol } from './driver.js'

export { type LabvolSource, type LabvolSpec, labvol } from './driver.js'

registerSource(labvol)
