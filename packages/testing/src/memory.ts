import { nodeModule } from './platform.js'

/**
 * How much memory for binary data some work takes at most, as far as turns of the event loop show it, and what it fails with.
 * In Node only; elsewhere the bytes are 0.
 */
export async function memoryOf(work: () => Promise<unknown>): Promise<{ readonly bytes: number; readonly error: unknown }> {
  const taken = (): number => globalThis.process?.memoryUsage?.().arrayBuffers ?? 0
  const before = taken()
  let most = before
  let running = true
  const watching = (async () => {
    while (running) {
      most = Math.max(most, taken())
      await new Promise((resolve) => setTimeout(resolve, 0))
    }
  })()
  let error: unknown
  try {
    await work()
  } catch (thrown) {
    error = thrown
  }
  most = Math.max(most, taken())
  running = false
  await watching
  return { bytes: most - before, error }
}

/** Every file and folder below a folder of the local file system, with the bytes of files in hexadecimal; in Node only. */
export function folderContent(folder: string): Record<string, string> {
  const fs = nodeModule('node:fs')
  if (fs === undefined) throw new Error('this platform has no file system')
  const content: Record<string, string> = {}
  for (const entry of fs.readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = `${entry.parentPath}/${entry.name}`
    content[path] = entry.isFile() ? fs.readFileSync(path).toString('hex') : 'a folder'
  }
  return content
}
