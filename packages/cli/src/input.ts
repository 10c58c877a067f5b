import { isSourceError, type JsonObject, type OpenOptions, SourceError } from '@bioimage/core'
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

/** Runs `open`, which opens what is at `path`. A server's failure names the file in it that was asked for; here also what was typed. */
export async function aboutInput<T>(path: string, open: () => Promise<T>): Promise<T> {
  try {
    return await open()
  } catch (error) {
    if (localPathOf(path) !== undefined || !(isSourceError(error, 'ERR_IO') || isSourceError(error, 'ERR_ACCESS_DENIED'))) throw error
    const typed = shownPath(path).replace(/[?#].*$/, '')
    if (error.message.startsWith(`${typed}:`)) throw error
    throw new SourceError(error.code, `${typed} cannot be read: ${error.message}`, { kind: error.kind, path: error.path, cause: error })
  }
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
