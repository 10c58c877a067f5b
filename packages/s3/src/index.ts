import { registerStore } from '@bioimage/core'
import { objectStorage } from './driver.js'

registerStore(objectStorage)

export { objectStorage } from './driver.js'
