import '@bioimage/stack'
import '@bioimage/tif'
import { answerSpecs } from '@bioimage/testing/worker'

answerSpecs()
