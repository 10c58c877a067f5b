import '@bioimage/n5'
import { answerSpecs } from '@bioimage/testing/worker'

answerSpecs()
