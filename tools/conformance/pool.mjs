// Runs jobs in long-lived child processes; a child that takes too long or too much memory is killed and replaced.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { residentMemory } from './memory.mjs'

const workerFile = fileURLToPath(new URL('./worker.mjs', import.meta.url))
const samplingMilliseconds = 50

/**
 * Gives every job to a child and resolves with `{ job, outcome }` in the order of the jobs. The limits hold for the work on the
 * data alone: the child reports when that is over, then checks what it got.
 *
 * @param jobs - Messages to the worker.
 * @param limits - `{ milliseconds, memoryBytes }` per job: wall time, growth of resident memory.
 */
export const runJobs = async (jobs, { workers = 2, limits, onOutcome = () => {} }) => {
  const outcomes = new Array(jobs.length)
  let next = 0
  const runLane = async () => {
    let child
    while (next < jobs.length) {
      const position = next++
      child ??= startWorker(limits)
      const outcome = await runOne(child, jobs[position], limits)
      outcomes[position] = { job: jobs[position], outcome }
      onOutcome(outcomes[position])
      if (outcome.killed === true) child = undefined
    }
    child?.disconnect()
  }
  await Promise.all(Array.from({ length: workers }, runLane))
  return outcomes
}

const startWorker = ({ memoryBytes }) =>
  fork(workerFile, [], {
    execArgv: ['--expose-gc', `--max-old-space-size=${Math.ceil(memoryBytes / 2 ** 20)}`],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc']
  })

const runOne = (child, job, limits) =>
  new Promise((resolve) => {
    let errors = ''
    let before
    let deadline
    const finish = (outcome) => {
      clearInterval(sampling)
      clearTimeout(deadline)
      child.removeAllListeners('message')
      child.removeAllListeners('exit')
      child.stderr.removeAllListeners('data')
      resolve(outcome)
    }
    const kill = (reason) => {
      child.kill('SIGKILL')
      finish({ status: 'failed', killed: true, reason })
    }
    const sampling = setInterval(() => {
      if (before !== undefined && residentMemory(child.pid).now - before > limits.memoryBytes) {
        kill(`took more than ${limits.memoryBytes / 2 ** 20} MiB`)
      }
    }, samplingMilliseconds)
    child.on('message', (message) => {
      if (message.type === 'started') {
        before = message.residentBytes
        deadline = setTimeout(() => kill(`took longer than ${limits.milliseconds / 1000} s`), limits.milliseconds)
      } else if (message.type === 'read') {
        // What follows is our own checking, which hashes and sums in plain JavaScript.
        before = undefined
        clearTimeout(deadline)
        deadline = setTimeout(() => kill('the check itself did not end'), 120_000)
      } else {
        const { outcome } = message
        // A peak between two samples shows in the child's own record.
        const excess = (outcome.memoryBytes ?? 0) > limits.memoryBytes
        finish(excess ? { ...outcome, status: 'failed', reason: `took more than ${limits.memoryBytes / 2 ** 20} MiB` } : outcome)
      }
    })
    child.on('exit', (code, signal) => {
      const lastLine = errors.trim().split('\n').slice(-6).join(' | ').slice(0, 600)
      finish({ status: 'failed', killed: true, reason: `the process died (${signal ?? `exit code ${code}`}) ${lastLine}` })
    })
    child.stderr.on('data', (data) => {
      errors = (errors + data).slice(-4000)
    })
    child.send(job)
  })
