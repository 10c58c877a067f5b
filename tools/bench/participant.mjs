// A library under measurement: a child process that answers one JSON line per request.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export class Participant {
  #child
  #waiting
  #errors = ''

  constructor(name, command, args) {
    this.name = name
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child.stderr.on('data', (data) => {
      this.#errors = (this.#errors + data).slice(-4000)
    })
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      // Libraries may print too: answers are marked.
      if (line.startsWith('@')) this.#settle('resolve', JSON.parse(line.slice(1)))
    })
    this.#child.on('exit', () => this.#settle('reject', new Error(`${name} ended: ${this.#errors}`)))
    this.#child.on('error', (error) => this.#settle('reject', error))
    this.#child.stdin.on('error', () => {})
  }

  /** One request at a time. The answer has `ms`, `cpuMs` and, if asked for, `hash`; or `cannot`, a reason. */
  async ask(request) {
    const answer = await new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#child.stdin.write(`${JSON.stringify(request)}\n`)
    })
    if (answer.error !== undefined) throw new Error(`${this.name}, ${JSON.stringify(request).slice(0, 300)}: ${answer.error}`)
    return answer
  }

  end() {
    this.#child.stdin.end()
  }

  #settle(how, value) {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.[how](value)
  }
}
