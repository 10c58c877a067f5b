import { registerSource } from '@bioimage/core'
import { hdf5 } from './driver.js'

registerSource(hdf5)

export { type Hdf5Params, type Hdf5Source, type Hdf5Spec, hdf5 } from './driver.js'
export { type ExportedReference, type ExportReferenceOptions, exportReference, type Hdf5Reference } from './export-reference.js'
