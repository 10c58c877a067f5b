import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, vi } from 'vitest'
import { run } from '../src/run.js'

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

let last: Promise<unknown> = Promise.resolve()

/**
 * Runs `bioimage` in this process, one command after the other: a process of its own for each takes longer than what most tests do.
 * What depends on the process (signals, plugins, the end) is tested by {@link runCli}.
 */
export function runHere(args: readonly string[], { cwd = tmpdir() }: { readonly cwd?: string } = {}): Promise<Outcome> {
  const outcome = last.then(() => runInFolder(args, cwd))
  last = outcome.catch(() => undefined)
  return outcome
}

async function runInFolder(args: readonly string[], cwd: string): Promise<Outcome> {
  const before = process.cwd()
  const [stdout, stderr] = [captured(process.stdout), captured(process.stderr)]
  vi.stubEnv('XDG_CONFIG_HOME', '/nonexistent')
  process.chdir(cwd)
  try {
    const code = await run(args, new AbortController().signal)
    return { code, stdout: stdout.text(), stderr: stderr.text() }
  } finally {
    process.chdir(before)
    vi.unstubAllEnvs()
    stdout.release()
    stderr.release()
  }
}

/** Keeps what is written to a stream of this process. */
function captured(stream: NodeJS.WriteStream): { readonly text: () => string; readonly release: () => void } {
  const write = vi.spyOn(stream, 'write').mockReturnValue(true)
  return { text: () => write.mock.calls.map(([piece]) => String(piece)).join(''), release: () => write.mockRestore() }
}

/** A folder that is removed after the tests of the file. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'bioimage-cli-'))
  afterAll(() => rm(folder, { recursive: true, force: true }))
  return folder
}
