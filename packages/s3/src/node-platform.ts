/** What of Node the settings come from; `undefined` in a browser. */
export interface NodePlatform {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly home: string
  /** Text of a file; `undefined` if there is none that can be read. */
  readText(path: string): Promise<string | undefined>
}

export function nodePlatform(): NodePlatform | undefined {
  if (typeof process === 'undefined' || process.getBuiltinModule === undefined) return undefined
  const { promises } = process.getBuiltinModule('node:fs')
  return {
    environment: process.env,
    home: process.getBuiltinModule('node:os').homedir(),
    async readText(path) {
      try {
        return await promises.readFile(path, 'utf8')
      } catch {
        return undefined
      }
    }
  }
}
