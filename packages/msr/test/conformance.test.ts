import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ErrorCode, fileSystemStore, type NdArray, openSource } from '@bioimage/core'
import { bytesOf } from '@bioimage/core/backend'
import { type BadInput, referenceArray, type TestOpenOptions, testBackend } from '@bioimage/testing'
import { afterAll, describe, test } from 'vitest'
import { msr } from '../src/driver.js'
import '../src/index.js'

const folder = await mkdtemp(join(tmpdir(), 'msr-'))
afterAll(() => rm(folder, { recursive: true }))

const reference = referenceArray([6, 7, 8], 'uint16')
const whole = fileOf(reference, 2)
await writeFile(join(folder, 'whole.msr'), whole)

/** The file of an array, made here and not by the reader. Better: real files, with values that another library gave. */
function fileOf({ shape, data }: NdArray, code: number): Uint8Array {
  const values = bytesOf(data)
  const file = new Uint8Array(20 + values.byteLength)
  const view = new DataView(file.buffer)
  file.set(new TextEncoder().encode('VOL1'))
  for (const [at, field] of [code, ...shape].entries()) view.setUint32(4 + 4 * at, field, true)
  file.set(values, 20)
  return file
}

const open =
  (name: string) =>
  ({ wrap, context = {}, signal }: TestOpenOptions) =>
    openSource(wrap(fileSystemStore(join(folder, name))), { format: 'msr', context, signal })

async function badInput(name: string, bytes: Uint8Array, code: ErrorCode): Promise<BadInput> {
  await writeFile(join(folder, `${name}.msr`), bytes)
  return { name, open: open(`${name}.msr`), code }
}

testBackend(
  { describe, test },
  {
    name: 'msr',
    kind: 'msr',
    driver: msr,
    reference,
    chunks: null,
    shards: null,
    // The worker imports what is built: run the build first.
    capabilities: { store: true, spec: { worker: { modules: [new URL('../dist/index.js', import.meta.url).href] } }, write: 'none' },
    open: open('whole.msr'),
    badInputs: [
      await badInput('cut in the header', whole.subarray(0, 10), 'ERR_CORRUPT_DATA'),
      await badInput('cut in the data', whole.subarray(0, whole.byteLength - 1), 'ERR_CORRUPT_DATA'),
      await badInput('another format', new Uint8Array(100), 'ERR_CORRUPT_DATA'),
      await badInput('unknown type', fileOf(reference, 99), 'ERR_UNSUPPORTED')
    ]
  }
)
