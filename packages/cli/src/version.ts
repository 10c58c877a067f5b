import { readFileSync } from 'node:fs'
import { isJsonObject } from '@bioimage/core'

/** The version of this package. Read as a file: an import of JSON prints a warning in Node 20. */
export function ownVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return isJsonObject(manifest) && typeof manifest.version === 'string' ? manifest.version : 'unknown'
}
