/**
 * KNOSSOS data sets for `openSource`: importing this package registers the format.
 *
 * @module
 */
import { registerSource } from '@bioimage/core'
import { knossos } from './driver.js'

export { type KnossosSource, type KnossosSpec, knossos } from './driver.js'

registerSource(knossos)
