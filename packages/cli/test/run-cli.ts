import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'

/** The built program: what a person runs. */
export const program: string = fileURLToPath(new URL('../dist/main.js', import.meta.url))

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Options of {@link runCli}. */
export interface RunOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Gets the process once it runs. */
  readonly started?: (child: ReturnType<typeof spawn>) => void
}

/** Runs `bioimage` in a process of its own. */
export function runCli(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: options.cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, XDG_CONFIG_HOME: '/nonexistent', NODE_OPTIONS: '', ...options.env }
    })
    let [stdout, stderr] = ['', '']
    child.stdout?.on('data', (text) => (stdout += text))
    child.stderr?.on('data', (text) => (stderr += text))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
    options.started?.(child)
  })
}

/** A folder that is removed after the tests of the file. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'bioimage-cli-'))
  afterAll(() => rm(folder, { recursive: true, force: true }))
  return folder
}
