import type { Context } from '@bioimage/core'
import { loadBackends } from './backends.js'
import { escapeControls, escapeControlsInLines } from './escape.js'

/** The options that every command takes. */
export interface GlobalOptions {
  readonly json?: boolean | undefined
  readonly quiet?: boolean | undefined
  readonly debug?: boolean | undefined
  readonly plugin?: readonly string[] | undefined
}

/** What a command works with: where its output goes and what stops it. */
export interface Session {
  readonly json: boolean
  readonly quiet: boolean
  readonly signal: AbortSignal
  readonly context: Context
  /** A line of the result, on the standard output; left out with `--json`. */
  print(line: string): void
  /** The result as one JSON document, with `--json` only. */
  printJson(value: unknown): void
  /** A remark, on the standard error; left out with `--quiet` and `--json`. */
  note(line: string): void
}

/** Prepares a command: makes the installed backends and the plugins known. */
export async function startSession(options: GlobalOptions, signal: AbortSignal): Promise<Session> {
  const json = options.json === true
  const quiet = options.quiet === true
  await loadBackends(options.plugin ?? [], (line) => {
    if (!quiet) process.stderr.write(`bioimage: warning: ${escapeControls(line)}\n`)
  })
  return {
    json,
    quiet,
    signal,
    context: {},
    print: (line) => {
      if (!json) process.stdout.write(`${escapeControlsInLines(line)}\n`)
    },
    printJson: (value) => {
      if (json) process.stdout.write(`${toJson(value)}\n`)
    },
    note: (line) => {
      if (!json && !quiet) process.stderr.write(`bioimage: ${escapeControls(line)}\n`)
    }
  }
}

/** JSON, with integers that a double cannot hold and non-finite numbers as strings. */
export function toJson(value: unknown): string {
  const replace = (_: string, item: unknown): unknown => {
    if (typeof item === 'number' && !Number.isFinite(item)) return String(item)
    if (typeof item !== 'bigint') return item
    return item >= Number.MIN_SAFE_INTEGER && item <= Number.MAX_SAFE_INTEGER ? Number(item) : String(item)
  }
  // JSON itself leaves the control characters above ASCII as they are.
  return escapeControlsInLines(JSON.stringify(value, replace, 2))
}
