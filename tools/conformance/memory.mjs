// Resident memory of a process, from Linux's /proc; elsewhere unknown (0).
import { readFileSync, writeFileSync } from 'node:fs'

const field = (status, name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1024

/** Bytes resident now and at most so far, of a process id or of this process. */
export const residentMemory = (pid = 'self') => {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return { now: field(status, 'VmRSS'), peak: field(status, 'VmHWM') }
  } catch {
    return { now: 0, peak: 0 }
  }
}

/** Lets the peak of this process start anew from what is resident now. */
export const forgetPeak = () => {
  try {
    writeFileSync('/proc/self/clear_refs', '5')
  } catch {
    // Not Linux, or not allowed: the peak then covers earlier entries of this process too.
  }
}
