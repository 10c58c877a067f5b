import { mergeConfig } from 'vitest/config'
import { browserTests } from '../../vitest.shared.js'
import { serverSettings } from './server.mjs'

// No fixtures: what is read lies on the S3 server.
export default mergeConfig(browserTests({ fixtures: '.' }), { test: { provide: { objectStorage: serverSettings } } })
