import '@bioimage/msr'
import { answerSpecs } from '@bioimage/testing/worker'

answerSpecs()
