import { type FileHandle, open, readFile } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { isJsonObject, type JsonObject, SourceError } from '@bioimage/core'

/** What an unfinished conversion is about. Another conversion cannot continue it. */
export interface Job extends JsonObject {
  readonly input: JsonObject
  readonly output: JsonObject
}

/** What a journal says. */
export interface JournalState {
  readonly job: Job
  /** Shape of the blocks, once the output was created. */
  readonly blockShape: readonly number[] | undefined
  /** CRC-32 of every block that is written, by its number. */
  readonly blocks: ReadonlyMap<number, number>
  /** Every block is written and only the output's appearance is left. */
  readonly complete: boolean
  /** The boot of the machine that ran it, see `bootIdentity`. */
  readonly boot: string | undefined
}

type Entry =
  | { readonly kind: 'job'; readonly version: 1; readonly job: Job }
  | { readonly kind: 'session'; readonly boot: string | null }
  | { readonly kind: 'blocks'; readonly shape: readonly number[] }
  | { readonly kind: 'block'; readonly number: number; readonly crc: number }
  | { readonly kind: 'complete' }

/**
 * The record of a conversion: one line per finished block, each with a checksum in front, on disk before the next step. A
 * line cut short by the end of the process is left out when the journal is read; its block is written again.
 */
export class Journal {
  readonly #file: FileHandle
  #writing: Promise<void> = Promise.resolve()

  private constructor(file: FileHandle) {
    this.#file = file
  }

  /** @throws if the file exists. */
  static async create(path: string, job: Job): Promise<Journal> {
    const journal = new Journal(await open(path, 'ax'))
    await journal.append({ kind: 'job', version: 1, job })
    return journal
  }

  static async continue(path: string): Promise<Journal> {
    const journal = new Journal(await open(path, 'a'))
    // Ends a line that was cut short.
    await journal.#file.write('\n')
    return journal
  }

  /** Resolves when the line is on disk. */
  append(entry: Entry): Promise<void> {
    const text = JSON.stringify(entry)
    this.#writing = this.#writing.then(async () => {
      await this.#file.write(`${checksum(text)} ${text}\n`)
      await this.#file.datasync()
    })
    return this.#writing
  }

  /** May be called twice. */
  async close(): Promise<void> {
    await this.#writing.catch(() => {})
    await this.#file.close()
  }
}

/**
 * Reads a journal.
 *
 * @throws ERR_CORRUPT_DATA if it does not begin with a job.
 */
export async function readJournal(path: string): Promise<JournalState> {
  const entries = (await readFile(path, 'utf8')).split('\n').flatMap(parseLine)
  const first = entries[0]
  if (first?.kind !== 'job' || first.version !== 1 || !isJob(first.job))
    throw new SourceError('ERR_CORRUPT_DATA', `${path} is not a journal of a conversion; delete its folder if it is of no use`, { path })
  const blocks = new Map<number, number>()
  let blockShape: readonly number[] | undefined
  let boot: string | undefined
  let complete = false
  for (const entry of entries) {
    if (entry.kind === 'block' && typeof entry.number === 'number' && typeof entry.crc === 'number') blocks.set(entry.number, entry.crc)
    else if (entry.kind === 'blocks' && isShape(entry.shape)) blockShape = entry.shape
    else if (entry.kind === 'session') boot = typeof entry.boot === 'string' ? entry.boot : undefined
    else if (entry.kind === 'complete') complete = true
  }
  return { job: first.job, blockShape, blocks, complete, boot }
}

/** The entry of a line that is whole. */
function parseLine(line: string): readonly JsonObject[] {
  const text = line.slice(9)
  if (line.slice(0, 9) !== `${checksum(text)} `) return []
  const entry: unknown = JSON.parse(text)
  return isJsonObject(entry) ? [entry] : []
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0')
}

function isJob(value: unknown): value is Job {
  return isJsonObject(value) && isJsonObject(value.input) && isJsonObject(value.output)
}

function isShape(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((length) => Number.isSafeInteger(length) && length > 0)
}
