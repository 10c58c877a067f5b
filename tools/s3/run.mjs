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
  const tests = fileURLToPath(new URL('object-storage.test.mjs', import.meta.url))
  const { stdout, status } = spawnSync(process.execPath, ['--test', '--test-reporter=spec', tests], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 2]
  })
  console.log(stdout)
  const count = (name) => Number(new RegExp(`^ℹ ${name} (\\d+)$`, 'm').exec(stdout)?.[1] ?? 0)
  console.log(`${count('pass')} passed, ${count('fail')} failed`)
  process.exitCode = status ?? 1
} finally {
  await stopServer()
}
