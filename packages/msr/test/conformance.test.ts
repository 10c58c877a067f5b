import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fileSystemStore, openSource } from '@bioimage/core'
import { msr } from '@bioimage/msr'
import { type TestedBackend, testBackend } from '@bioimage/testing'
import { afterAll, describe, it } from 'vitest'
import { volume } from './volume.js'

const fixtures = fileURLToPath(new URL('fixtures', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'bioimage-msr-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const plain = new Uint8Array(readFileSync(join(fixtures, 'plain.obf')))
const zlib = new Uint8Array(readFileSync(join(fixtures, 'zlib.msr')))

/** Where the first stack begins, and its data. */
const stackAt = (file: Uint8Array): number => Number(new DataView(file.buffer).getBigUint64(14, true))
const dataAt = (file: Uint8Array): number => {
  const view = new DataView(file.buffer)
  const stack = stackAt(file)
  return stack + 368 + view.getUint32(stack + 336, true) + view.getUint32(stack + 340, true)
}
const footerAt = (file: Uint8Array): number => dataAt(file) + Number(new DataView(file.buffer).getBigUint64(stackAt(file) + 352, true))

/** A copy with one field set. */
function changed(file: Uint8Array, at: number, value: number | bigint): Uint8Array {
  const copy = file.slice()
  const view = new DataView(copy.buffer)
  if (typeof value === 'bigint') view.setBigUint64(at, value, true)
  else view.setUint32(at, value, true)
  return copy
}

const stack = stackAt(plain)
const footer = footerAt(plain)
const files = {
  'nothing at all': ['ERR_CORRUPT_DATA', new Uint8Array(0)],
  'another format': ['ERR_CORRUPT_DATA', new Uint8Array(1000)],
  'the older container': ['ERR_UNSUPPORTED', readFileSync(join(fixtures, 'imspector-pro.msr'))],
  'a file without stacks': ['ERR_NOT_FOUND', readFileSync(join(fixtures, 'empty.obf'))],
  'a cut header of the file': ['ERR_CORRUPT_DATA', plain.subarray(0, 20)],
  'a description without end': ['ERR_CORRUPT_DATA', changed(plain, 22, 0xffffffff)],
  'a first stack outside the file': ['ERR_CORRUPT_DATA', changed(plain, 14, 1n << 40n)],
  'a position above 2^53': ['ERR_CORRUPT_DATA', changed(plain, 14, 1n << 60n)],
  'a first stack that is none': ['ERR_CORRUPT_DATA', changed(plain, 14, 30n)],
  'a dictionary outside the file': ['ERR_CORRUPT_DATA', changed(plain, 26 + new DataView(plain.buffer).getUint32(22, true), 1n << 40n)],
  'a cut header of a stack': ['ERR_CORRUPT_DATA', plain.subarray(0, stack + 100)],
  'too many axes': ['ERR_CORRUPT_DATA', changed(plain, stack + 20, 16)],
  'more samples than are stored': ['ERR_CORRUPT_DATA', changed(plain, stack + 24, 9)],
  'far more samples than are stored': ['ERR_CORRUPT_DATA', changed(changed(plain, stack + 24, 0xffffffff), stack + 28, 0xffffffff)],
  'more samples than the stream can hold': ['ERR_CORRUPT_DATA', changed(zlib, stackAt(zlib) + 24, 0x7fffffff)],
  'more samples than the stream holds': ['ERR_CORRUPT_DATA', changed(zlib, stackAt(zlib) + 24, 9)],
  'a data type that is none': ['ERR_UNSUPPORTED', changed(plain, stack + 324, 3)],
  'an automatic data type': ['ERR_UNSUPPORTED', changed(plain, stack + 324, 0)],
  'complex integers': ['ERR_UNSUPPORTED', changed(plain, stack + 324, 0x40000004)],
  'another compression': ['ERR_UNSUPPORTED', changed(plain, stack + 328, 2)],
  'data that is no zlib stream': ['ERR_CORRUPT_DATA', changed(plain, stack + 328, 1)],
  'data that ends outside the file': ['ERR_CORRUPT_DATA', changed(plain, stack + 352, 1n << 40n)],
  'cut data': ['ERR_CORRUPT_DATA', plain.subarray(0, dataAt(plain) + 100)],
  'a cut footer': ['ERR_CORRUPT_DATA', plain.subarray(0, footer + 1000)],
  'a footer that is too small': ['ERR_CORRUPT_DATA', changed(plain, footer, 8)],
  'a footer without end': ['ERR_CORRUPT_DATA', changed(plain, footer, 0xffffffff)],
  'labels without end': ['ERR_CORRUPT_DATA', changed(plain, footer + 1452, 0xffffffff)],
  'a dictionary without end': ['ERR_CORRUPT_DATA', changed(plain, footer + 1424, 3n)],
  'a stack that needs a newer reader': ['ERR_UNSUPPORTED', changed(plain, footer + 1440, 7)],
  'damaged samples': ['ERR_CORRUPT_DATA', changed(zlib, dataAt(zlib) + 40, 0xdeadbeef)]
} as const
const badInputs: TestedBackend['badInputs'] = Object.entries(files).map(([name, [code, bytes]], at) => {
  const path = join(folder, `bad-${at}.msr`)
  writeFileSync(path, bytes)
  return { name, code, open: ({ wrap }) => openSource(wrap(fileSystemStore(path)), { format: 'msr' }) }
})

for (const [file, internalPath, reference] of [
  ['plain.obf', undefined, volume()],
  ['zlib.msr', 'volume', volume()],
  ['interleaved.msr', 'a', volume()],
  ['ended-early.msr', 'compressed', volume(100)]
] as const) {
  testBackend(
    { describe, it },
    {
      name: `${file} ${internalPath ?? ''}`,
      kind: 'msr',
      driver: msr,
      reference,
      chunks: null,
      shards: null,
      capabilities: { store: true, spec: { worker: { modules: [new URL('../dist/index.js', import.meta.url).href] } }, write: 'none' },
      open: ({ wrap, context, signal }) =>
        openSource(wrap(fileSystemStore(join(fixtures, file))), { format: 'msr', internalPath, context, signal }),
      ...(file === 'plain.obf' && { badInputs })
    }
  )
}
