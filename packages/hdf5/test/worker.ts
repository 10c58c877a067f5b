import '@bioimage/hdf5'
import { answerSpecs } from '@bioimage/testing/worker'

answerSpecs()
