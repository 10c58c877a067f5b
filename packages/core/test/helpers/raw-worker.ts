import { answerSpecs } from '@bioimage/testing/worker'
import { registerSource } from '../../src/index.js'
import { rawDriver } from './raw-driver.js'

registerSource(rawDriver)
answerSpecs()
