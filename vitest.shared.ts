import { defaultClientConditions, defaultServerConditions } from 'vite'
import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** The private export condition under which a package of this workspace is its source: tests need no build. */
const source = '@bioimage/source'

/** Tests of one package in Node. */
export const nodeTests = (): ViteUserConfig =>
  defineConfig({
    resolve: { conditions: [source, ...defaultClientConditions] },
    ssr: { resolve: { conditions: [source, ...defaultServerConditions] } },
    test: {
      include: ['test/**/*.test.ts'],
      exclude: ['test/**/*.browser.test.ts'],
      passWithNoTests: true,
      testTimeout: 30_000,
      hookTimeout: 30_000
    }
  })
