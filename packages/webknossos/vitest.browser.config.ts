import { fileURLToPath } from 'node:url'
import { mergeConfig } from 'vitest/config'
import { browserTests } from '../../vitest.shared.js'

export default mergeConfig(browserTests(), {
  test: { globalSetup: [fileURLToPath(new URL('test/support/serve.ts', import.meta.url))] }
})
