/**
 * NIfTI images for `openSource` and `createSource`: importing this package registers the format.
 *
 * @module
 */
import { registerSource } from '@bioimage/core'
import { nifti } from './driver.js'

export { type NiftiExtension, type NiftiSource, type NiftiSpec, nifti } from './driver.js'

registerSource(nifti)
