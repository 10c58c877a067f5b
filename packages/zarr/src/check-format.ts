import { type Json, SourceError } from '@bioimage/core'

/** @throws ERR_UNSUPPORTED for another version of the format, ERR_CORRUPT_DATA for what is no version. */
export function checkFormat(name: string, found: Json | undefined, expected: 2 | 3): void {
  if (found === expected) return
  const code = typeof found === 'number' && Number.isInteger(found) ? 'ERR_UNSUPPORTED' : 'ERR_CORRUPT_DATA'
  throw new SourceError(code, `\`zarr_format\` of a ${name} is ${expected}, found ${JSON.stringify(found)}`)
}
