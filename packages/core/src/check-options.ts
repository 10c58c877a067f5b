import type { Mode, SourceDriver } from './driver.js'
import { SourceError } from './errors.js'
import { isJsonObject, type JsonObject, shortJson } from './json.js'
import { checkParameters } from './parameters.js'

/** The options of a format among those that the caller gives. */
export function parseOptions(options: Readonly<Record<string, unknown>>, driver: Pick<SourceDriver, 'id' | 'kind' | 'schema'>): JsonObject {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  if (!isJsonObject(given)) throw new SourceError('ERR_INVALID_ARGUMENT', 'options are a plain object')
  checkParameters(given, driver.schema, `format ${JSON.stringify(driver.kind)}`, 'ERR_INVALID_ARGUMENT')
  return given
}

/** @throws ERR_INVALID_ARGUMENT for what is no mode. */
export function checkMode(mode: unknown): Mode {
  if (mode === 'r' || mode === 'r+' || mode === 'a') return mode
  const cure = mode === 'w' ? '; to replace an array use createSource with `overwrite: true`' : ''
  throw new SourceError('ERR_INVALID_ARGUMENT', `\`mode\` is 'r', 'r+' or 'a', found ${shortJson(mode)}${cure}`)
}

/** Without slashes at either end; `.` and `/` stand for the container itself. */
export function normalizeInternalPath(path: string | undefined): string | undefined {
  if (path === undefined) return undefined
  if (typeof path !== 'string') throw new SourceError('ERR_INVALID_ARGUMENT', `\`internalPath\` is a string, found ${typeof path}`)
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..'))
    throw new SourceError('ERR_INVALID_ARGUMENT', `\`internalPath\` ${JSON.stringify(path)} would leave the container`)
  return parts.join('/')
}
