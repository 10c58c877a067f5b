import { InterruptedError } from './failure.js'
import { run } from './run.js'

// A reader that has seen enough (`bioimage info x | head`) closes the pipe: no failure.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
}

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    const error = new InterruptedError(signal)
    // The first asks the command to stop at the next safe point, a second one does not wait.
    if (stop.signal.aborted) process.exit(error.exitCode)
    stop.abort(error)
  })
}

process.exitCode = await run(process.argv.slice(2), stop.signal)
