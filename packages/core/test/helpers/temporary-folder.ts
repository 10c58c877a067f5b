import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A new folder that is removed after the test. */
export async function temporaryFolder(): Promise<string> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'bioimage-core-')))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

/** A new file that is removed after the test. */
export async function temporaryFile(name: string, bytes: Uint8Array = new Uint8Array(16)): Promise<string> {
  const path = join(await temporaryFolder(), name)
  await writeFile(path, bytes)
  return path
}
