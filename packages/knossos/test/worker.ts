import '@bioimage/knossos'
import { answerSpecs } from '@bioimage/testing/worker'

answerSpecs()
