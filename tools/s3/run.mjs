#!/usr/bin/env node
// Starts a real S3 server, runs the tests that need one, and stops it. Where the server cannot be installed nothing runs, which is said.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { startServer, stopServer } from './server.mjs'

try {
  await startServer()
} catch (error) {
  console.log(`\n*** TESTS AGAINST A REAL S3 SERVER DID NOT RUN: ${error.message} ***\n`)
  process.exit(process.env.CI === undefined ? 0 : 1)
}
try {
  const here = fileURLToPath(new URL('.', import.meta.url))
  // One after the other: the first kills the server in the middle of its work.
  const tests = ['object-storage', 'suite'].map((name) => `${here}${name}.test.mjs`)
  const { stdout, status } = spawnSync(process.execPath, ['--test', '--test-concurrency=1', '--test-reporter=spec', ...tests], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 2],
    maxBuffer: 64 << 20
  })
  console.log(stdout)
  const count = (name) => Number(new RegExp(`^ℹ ${name} (\\d+)$`, 'm').exec(stdout)?.[1] ?? 0)
  console.log(`${count('pass')} passed, ${count('fail')} failed`)
  const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url))
  const browser = spawnSync(process.execPath, [vitest, 'run', '--root', here, '--config', `${here}vitest.browser.config.ts`], {
    stdio: 'inherit'
  })
  process.exitCode = status || browser.status || (status === null || browser.status === null ? 1 : 0)
} finally {
  await stopServer()
}
