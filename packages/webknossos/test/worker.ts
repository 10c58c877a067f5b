import '@bioimage/webknossos'
import { answerSpecs } from '@bioimage/testing/worker'

answerSpecs()
