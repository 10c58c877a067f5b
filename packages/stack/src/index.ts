/**
 * Folders of slices for `openSource`: importing this package registers the format.
 *
 * @module
 */
import { registerSource } from '@bioimage/core'
import { stack } from './driver.js'

export { type StackSource, type StackSpec, stack } from './driver.js'

registerSource(stack)
