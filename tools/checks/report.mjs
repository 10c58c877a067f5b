// How every check speaks: a line per problem, a line per thing that holds, and an exit code.
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of the workspace. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Collects problems under one title; `finish()` prints the outcome and sets the exit code. */
export const startReport = (title) => {
  const problems = []
  return {
    problem: (text) => problems.push(text),
    finish: (summary) => {
      for (const text of problems) console.log(`  ✗ ${text}`)
      console.log(
        problems.length === 0 ? `${title}: ${summary}` : `${title}: ${problems.length} problem${problems.length === 1 ? '' : 's'}`
      )
      if (problems.length > 0) process.exitCode = 1
    }
  }
}
