import type { JsonObject, OpenOptions } from '@bioimage/core'
import type { MemoryPlan } from './read-blocks.js'
import type { Session } from './session.js'

/** The options of every command that reads a path. */
export interface InputOptions {
  readonly array?: string | undefined
  readonly format?: string | undefined
  readonly inputOption?: JsonObject | undefined
}

/** How the array that these options name is opened. */
export function openOptionsOf(session: Session, options: InputOptions, plan?: MemoryPlan): OpenOptions {
  return {
    ...options.inputOption,
    format: options.format,
    internalPath: options.array,
    context: plan?.context ?? session.context,
    signal: session.signal
  }
}
