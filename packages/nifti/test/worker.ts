import '@bioimage/nifti'
import { answerSpecs } from '@bioimage/testing/worker'

answerSpecs()
