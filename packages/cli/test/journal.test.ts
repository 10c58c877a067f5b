import { readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Journal, readJournal } from '../src/convert/journal.js'
import { temporaryFolder } from './run-cli.js'

const folder = await temporaryFolder()
const job = { input: { shape: [4] }, output: { path: '/x' } }

async function writeExample(path: string): Promise<void> {
  const journal = await Journal.create(path, job)
  await journal.append({ kind: 'session', boot: 'b' })
  await journal.append({ kind: 'blocks', shape: [2] })
  await Promise.all([5, 6, 7].map((number) => journal.append({ kind: 'block', number, crc: number * 10 })))
  await journal.close()
}

describe('Journal', () => {
  it('is read as it was written', async () => {
    const path = join(folder, 'whole')
    await writeExample(path)
    const state = await readJournal(path)
    expect(state).toMatchObject({ job, blockShape: [2], complete: false, boot: 'b' })
    expect([...state.blocks]).toEqual([
      [5, 50],
      [6, 60],
      [7, 70]
    ])
  })

  it('loses no more than the last line when it is cut anywhere, and can be continued', async () => {
    const path = join(folder, 'cut')
    await writeExample(path)
    const whole = await readFile(path)
    const begin = whole.indexOf('"blocks"') + '"blocks","shape":[2]}\n'.length
    for (let length = begin; length < whole.length; length++) {
      await writeFile(path, whole)
      await truncate(path, length)
      const before = await readJournal(path)
      expect([...before.blocks.keys()]).toEqual([5, 6, 7].slice(0, before.blocks.size))
      const journal = await Journal.continue(path)
      await journal.append({ kind: 'block', number: 9, crc: 1 })
      await journal.close()
      expect([...(await readJournal(path)).blocks.keys()]).toEqual([...before.blocks.keys(), 9])
    }
  })

  it('does not believe a line that was changed', async () => {
    const path = join(folder, 'changed')
    await writeExample(path)
    await writeFile(path, (await readFile(path, 'utf8')).replace('"number":6', '"number":8'))
    expect([...(await readJournal(path)).blocks.keys()]).toEqual([5, 7])
  })

  it('refuses a file that is none', async () => {
    const path = join(folder, 'none')
    await writeFile(path, 'hello\n')
    await expect(readJournal(path)).rejects.toMatchObject({ code: 'ERR_CORRUPT_DATA' })
  })
})
