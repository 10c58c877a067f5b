// Reads manifests that Python wrote: its JSON may hold NaN and Infinity, which become strings here as elsewhere in manifests.
import { readFileSync } from 'node:fs'

export const readManifest = (path) => {
  const text = readFileSync(path, 'utf8')
  return JSON.parse(text.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (token) => (token.startsWith('"') ? token : `"${token}"`)))
}
