import '@bioimage/zarr'
import { answerSpecs } from '@bioimage/testing/worker'

answerSpecs()
