import { describeError, exitCodeOf } from './failure.js'
import { runProgram } from './program.js'

/** Runs the command line, prints why it failed if it did, and resolves to the exit code. */
export async function run(args: readonly string[], signal: AbortSignal): Promise<number> {
  try {
    return await runProgram(args, signal)
  } catch (error) {
    process.stderr.write(`${describeError(error, args.includes('--debug'))}\n`)
    return exitCodeOf(error)
  }
}
