import '@bioimage/mrc'
import { answerSpecs } from '@bioimage/testing/worker'

answerSpecs()
