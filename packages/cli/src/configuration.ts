import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { isJsonObject, SourceError } from '@bioimage/core'

/** A plugin named by a configuration file, and the folder from which its name is resolved. */
export interface ConfiguredPlugin {
  readonly name: string
  readonly folder: string
}

/** Where configuration files may lie: that of the person, then that of the current folder. Both count. */
export function configurationPaths(): readonly string[] {
  const home = process.env.XDG_CONFIG_HOME || join(homedir(), '.config')
  return [join(home, 'bioimage', 'config.json'), resolve('bioimage.config.json')]
}

/**
 * The plugins of all configuration files, in order. Names are resolved from the folder of their file.
 *
 * @throws ERR_INVALID_ARGUMENT for a file that is not `{ "plugins": [names] }`.
 */
export async function readConfiguredPlugins(): Promise<readonly ConfiguredPlugin[]> {
  return configurationPaths()
    .filter((path) => existsSync(path))
    .flatMap((path) => readPlugins(path).map((name) => ({ name, folder: dirname(path) })))
}

function readPlugins(path: string): readonly string[] {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new SourceError('ERR_INVALID_ARGUMENT', `configuration ${path} is not JSON`, { path, cause })
  }
  const { plugins = [], ...rest } = isJsonObject(content) ? content : { '': null }
  const unknown = Object.keys(rest)
  if (unknown.length > 0 || !Array.isArray(plugins) || !plugins.every((name) => typeof name === 'string')) {
    throw new SourceError(
      'ERR_INVALID_ARGUMENT',
      `configuration ${path} must be { "plugins": ["package", …] }${unknown[0] ? `, found ${JSON.stringify(unknown[0])}` : ''}`,
      { path }
    )
  }
  return plugins
}
