import { type ErrorCode, isAbort, isSourceError } from '@bioimage/core'
import { escapeControls, escapeControlsInLines } from './escape.js'

/** What the process ends with. */
export const exitCodes = { success: 0, failure: 1, usage: 2, interrupted: 130, terminated: 143 } as const

/** The command line itself is wrong: a missing argument, an option that cannot be read. */
export class UsageError extends Error {
  readonly code = 'ERR_USAGE'
}

/** A signal stopped the command. */
export class InterruptedError extends Error {
  override readonly name = 'AbortError'
  readonly code = 'ERR_INTERRUPTED'
  readonly exitCode: number

  constructor(signal: NodeJS.Signals) {
    super(`stopped by ${signal}`)
    this.exitCode = signal === 'SIGTERM' ? exitCodes.terminated : exitCodes.interrupted
  }
}

/** What says that a command asks for something that there is not, or that does not fit: no change of the data would help. */
const usageCodes: ReadonlySet<string> = new Set([
  'ERR_ARRAY_NOT_CHOSEN',
  'ERR_INVALID_ARGUMENT',
  'ERR_INVALID_INDEX',
  'ERR_UNKNOWN_KIND'
] satisfies ErrorCode[])

/** The exit code that belongs to an error. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof InterruptedError) return error.exitCode
  if (isAbort(error)) return exitCodes.interrupted
  if (error instanceof UsageError) return exitCodes.usage
  return isSourceError(error) && usageCodes.has(error.code) ? exitCodes.usage : exitCodes.failure
}

/** An error as one line with its code; with `debug` also its stack and what caused it. */
export function describeError(error: unknown, debug: boolean): string {
  const message = (error instanceof Error ? error.message : String(error))
    .replace(/\s*\n\s*/g, ' ')
    .replace(/the option `format`|`internalPath`/g, optionOf)
  const line = escapeControls(`bioimage: ${message} [${codeOf(error)}]`)
  return debug ? `${line}\n${escapeControlsInLines(stackOf(error, ''))}` : line
}

/** Messages name the options of the library; here they are called otherwise. */
function optionOf(name: string): string {
  return name === '`internalPath`' ? '--array' : '--format'
}

function codeOf(error: unknown): string {
  if (isSourceError(error)) return error.code
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (typeof code !== 'string') return 'ERR_INTERNAL'
  // Those of the system, such as ENOSPC, are what a person can look up; they get the common prefix.
  return code.startsWith('ERR_') ? code : `ERR_${code}`
}

function stackOf(error: unknown, prefix: string): string {
  if (!(error instanceof Error)) return `${prefix}${String(error)}`
  const stack = `${prefix}${error.stack ?? error.message}`
  return error.cause === undefined ? stack : `${stack}\n${stackOf(error.cause, 'caused by: ')}`
}
