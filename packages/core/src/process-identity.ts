import { nodeModule } from './platform.js'

/** Names this process among all of this machine, also after its number was given to another one: host, number and start time. */
export function processIdentity(): string {
  return identityOf(globalThis.process.pid)
}

/** Whether the process of that identity still runs. Of processes of other machines nothing is known. */
export function stateOfProcess(identity: string): 'running' | 'ended' | 'unknown' {
  const [host, pid] = identity.split(' ')
  if (host !== hostname() || pid === undefined) return 'unknown'
  try {
    globalThis.process.kill(Number(pid), 0)
  } catch (error) {
    // EPERM: it is there, and of another user.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return 'ended'
  }
  return identityOf(Number(pid)) === identity ? 'running' : 'ended'
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

function hostname(): string | undefined {
  return nodeModule('node:os')?.hostname()
}

function readText(path: string): string | undefined {
  try {
    return nodeModule('node:fs')?.readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
