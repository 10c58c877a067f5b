import type { JsonObject, OpenOptions } from '@bioimage/core'
import { localPathOf, shareable } from '@bioimage/core/backend'
import type { Session } from './session.js'

/** The options of every command that reads a path. */
export interface InputOptions {
  readonly array?: string | undefined
  readonly format?: string | undefined
  readonly inputOption?: JsonObject | undefined
}

/** A path as it is printed: a URL without its credentials. */
export function shownPath(path: string): string {
  return localPathOf(path) === undefined ? shareable(path) : path
}

/** How the array that these options name is opened. */
export function openOptionsOf(session: Session, options: InputOptions): OpenOptions {
  return {
    ...options.inputOption,
    format: options.format,
    internalPath: options.array,
    context: session.context,
    signal: session.signal
  }
}
