import { registerSource, registerStore } from '@bioimage/core'
import { cloudpathStores, cloudvolume } from './driver.js'

registerSource(cloudvolume)
registerStore(cloudpathStores)

export { type AddScaleOptions, addScale } from './add-scale.js'
export {
  type CloudvolumeOptions,
  type CloudvolumeParams,
  type CloudvolumeSource,
  type CloudvolumeSpec,
  cloudpathStores,
  cloudvolume
} from './driver.js'
export { type OpenCloudvolumeOptions, openCloudvolume } from './open-cloudvolume.js'
