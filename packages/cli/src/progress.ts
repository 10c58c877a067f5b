import { SingleBar } from 'cli-progress'
import type { Session } from './session.js'
import { formatBytes } from './units.js'

/** Shows how far a long command is: a bar on a terminal, a line for every tenth elsewhere, nothing with `--quiet` and `--json`. */
export interface Progress {
  /** More bytes are done. */
  advance(bytes: number): void
  stop(): void
}

/**
 * @param label What is done, such as `"copying"`.
 * @param total Bytes in all.
 * @param done Bytes done before.
 */
export function startProgress(session: Session, label: string, total: number, done = 0): Progress {
  if (session.quiet || session.json) return { advance: () => {}, stop: () => {} }
  return process.stderr.isTTY ? terminalBar(label, total, done) : plainLines(session, label, total, done)
}

function terminalBar(label: string, total: number, done: number): Progress {
  const bar = new SingleBar({
    format: `${label} [{bar}] {percentage}%  {bytes} of ${formatBytes(total)}  {duration_formatted}, {eta_formatted} left`,
    hideCursor: true,
    stopOnComplete: false,
    clearOnComplete: false,
    stream: process.stderr
  })
  let at = done
  bar.start(total, at, { bytes: formatBytes(at) })
  return {
    advance: (bytes) => {
      at += bytes
      bar.update(at, { bytes: formatBytes(at) })
    },
    stop: () => bar.stop()
  }
}

function plainLines(session: Session, label: string, total: number, done: number): Progress {
  let at = done
  const tenth = (): number => Math.floor((at / Math.max(1, total)) * 10)
  let shown = tenth()
  return {
    advance: (bytes) => {
      at += bytes
      if (tenth() === shown) return
      shown = tenth()
      session.note(`${label} ${shown * 10}%, ${formatBytes(at)} of ${formatBytes(total)}`)
    },
    stop: () => {}
  }
}
