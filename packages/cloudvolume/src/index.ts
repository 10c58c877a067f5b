import { registerSource, registerStore } from '@bioimage/core'
import { cloudpathStores, cloudvolume } from './driver.js'

registerSource(cloudvolume)
registerStore(cloudpathStores)

export {
  type CloudvolumeOptions,
  type CloudvolumeParams,
  type CloudvolumeSource,
  type CloudvolumeSpec,
  cloudpathStores,
  cloudvolume
} from './driver.js'
export { type OpenCloudvolumeOptions, openCloudvolume } from './open-cloudvolume.js'
