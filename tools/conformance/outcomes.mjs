// The possible results of a check, and what counts as a clear error.

export const passed = (note) => ({ status: 'passed', note })
export const unsupported = (note) => ({ status: 'unsupported', note })
export const failed = (reason) => ({ status: 'failed', reason })

/** One line about an error, with its code. */
export const describe = (error) => `${error?.code ?? error?.name ?? typeof error}: ${String(error?.message ?? error).split('\n')[0]}`

/**
 * What is wrong with an error that a reader threw; `undefined` if it is clear: a SourceError whose cause is no accident such as
 * `undefined is not an object`.
 */
export const flawOfError = (error, core) => {
  if (!core.isSourceError(error)) return `threw something that is no SourceError: ${error?.stack ?? error}`
  if (error.message === '') return `${error.code} without a message`
  const { cause } = error
  const accident = cause instanceof Error && !core.isSourceError(cause) && /^(TypeError|ReferenceError|RangeError)$/.test(cause.name)
  if (accident && error.code === 'ERR_IO') return `${describe(error)}: an accident, ${cause.stack}`
  return undefined
}
