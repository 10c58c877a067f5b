import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { playwright } from '@vitest/browser-playwright'
import { defaultClientConditions, defaultServerConditions } from 'vite'
import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { findChromium } from './tools/browser/chromium.mjs'

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
      // Many tests wait for servers, processes and timers: the default, one less than there are cores, would leave small machines idle.
      maxWorkers: Math.max(2, availableParallelism() - 1),
      testTimeout: 30_000,
      hookTimeout: 30_000
    }
  })

const chromiumArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
]

/** Options of the tests in a browser. */
export interface BrowserTestOptions {
  /** Folder that the range server serves, relative to the package. Defaults to `test/fixtures`. */
  readonly fixtures?: string
}

/**
 * Tests of one package in headless Chromium: `test/**\/*.browser.test.ts`. The package's fixtures are served over HTTP at
 * `inject('rangeServerUrl')`. Without Chromium nothing runs, and the output says so.
 */
export const browserTests = ({ fixtures = 'test/fixtures' }: BrowserTestOptions = {}): ViteUserConfig => {
  const executablePath = findChromium()
  if (executablePath === undefined) {
    console.error('\n*** BROWSER TESTS DID NOT RUN: there is no chromium on the path (Debian: apt-get install chromium) ***\n')
    return defineConfig({ test: { include: [], passWithNoTests: true } })
  }
  return defineConfig({
    resolve: { conditions: [source, ...defaultClientConditions] },
    test: {
      include: ['test/**/*.browser.test.ts'],
      testTimeout: 60_000,
      hookTimeout: 60_000,
      globalSetup: [fileURLToPath(new URL('tools/browser/range-server.mjs', import.meta.url))],
      provide: { rangeServerFolder: fixtures },
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        provider: playwright({ launchOptions: { executablePath, args: chromiumArguments } }),
        instances: [{ browser: 'chromium' }]
      }
    }
  })
}
