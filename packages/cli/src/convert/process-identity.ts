import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

/** Names this process among all of this machine, also after its number was given to another one. */
export function processIdentity(): string {
  return identityOf(process.pid)
}

/** Whether the process of that identity still runs here. `false` for processes of other machines: nothing is known of them. */
export function isRunning(identity: string): boolean {
  const [host, pid] = identity.split(' ')
  if (host !== hostname() || pid === undefined || Number(pid) === process.pid) return false
  try {
    process.kill(Number(pid), 0)
  } catch (error) {
    // EPERM: it is there, and of another user.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false
  }
  return identityOf(Number(pid)) === identity
}

/** Names the time since the machine was started; `undefined` where that cannot be told. */
export function bootIdentity(): string | undefined {
  return readText('/proc/sys/kernel/random/boot_id')?.trim()
}

function identityOf(pid: number): string {
  // Field 22 of the status is the start time of the process (proc(5)); fields are counted behind the name in brackets.
  const status = readText(`/proc/${pid}/stat`)
  const start = status
    ?.slice(status.lastIndexOf(')') + 2)
    .split(' ')
    .at(19)
  return `${hostname()} ${pid} ${start ?? '?'}`
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
