/**
 * __TITLE__ files for `openSource`: importing this package registers the format.
 *
 * @module
 */
import { registerSource } from '@bioimage/core'
import { __IDENTIFIER__ } from './driver.js'

export { __IDENTIFIER__, type __TYPE__Source, type __TYPE__Spec } from './driver.js'

registerSource(__IDENTIFIER__)
