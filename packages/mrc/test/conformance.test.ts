import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { createSource, type DType, fileSystemStore, memoryStore, type NdArray, openSource } from '@bioimage/core'
import { bytesOf, isContiguous, swapBytes } from '@bioimage/core/backend'
import { mrc } from '@bioimage/mrc'
import { copyOf, referenceArray, type TestedBackend, testBackend } from '@bioimage/testing'
import { afterAll, describe, it } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'bioimage-mrc-suite-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const modes: Partial<Record<DType, number>> = { int8: 0, int16: 1, float32: 2, complex64: 4, uint16: 6, float16: 12 }

/** An MRC2014 file made by hand: the header's words by their numbers in the specification, then the rows from the bottom up. */
function fileOf(
  array: NdArray,
  { bigEndian = false, changes = {} }: { bigEndian?: boolean; changes?: Record<number, number> } = {}
): Uint8Array {
  const [nx = 1, ny = 1, sections = 1, volumes = 1] = array.shape.toReversed()
  const header = new DataView(new ArrayBuffer(1024))
  const ispg = array.shape.length === 4 ? 401 : array.shape.length === 3 ? 1 : 0
  const words = {
    1: nx,
    2: ny,
    3: sections * volumes,
    4: modes[array.dtype] ?? -1,
    8: nx,
    9: ny,
    10: sections,
    17: 1,
    18: 2,
    19: 3,
    23: ispg
  }
  for (const [word, value] of Object.entries({ ...words, ...changes })) header.setInt32(4 * (Number(word) - 1), value, !bigEndian)
  for (const [at, length] of [nx, ny, sections].entries()) header.setFloat32(40 + 4 * at, 2.5 * length, !bigEndian)
  const bytes = new Uint8Array(header.buffer)
  bytes.set(new TextEncoder().encode('MAP '), 208)
  bytes.set(bigEndian ? [0x11, 0x11] : [0x44, 0x44], 212)

  const stored = bytesOf(copyOf(flipped(array)).data)
  if (bigEndian) swapBytes(stored, array.dtype === 'complex64' ? 4 : stored.byteLength / (nx * ny * sections * volumes))
  const file = new Uint8Array(1024 + stored.byteLength)
  file.set(bytes)
  file.set(stored, 1024)
  return file
}

/** The array with its y axis reversed. */
function flipped(array: NdArray): NdArray {
  if (!isContiguous(array)) throw new Error('expected C order')
  const y = array.shape.length - 2
  const row = array.stride[y] ?? 0
  return { ...array, stride: array.stride.with(y, -row), offset: ((array.shape[y] ?? 1) - 1) * row }
}

let created = 0
const writing: Pick<TestedBackend, 'create' | 'creation'> = {
  create: (options) => createSource(join(folder, `created-${created++}.mrc`), { ...options }),
  creation: {
    dtypes: ['int8', 'int16', 'uint16', 'float16', 'float32', 'complex64'],
    chunks: false,
    shards: false,
    fillValue: false,
    shapes: [
      [3, 4],
      [4, 5, 6],
      [3, 4, 5, 2]
    ]
  }
}

const small = referenceArray([2, 3, 4], 'int16')
const badInputs: TestedBackend['badInputs'] = Object.entries({
  'no header': ['ERR_CORRUPT_DATA', fileOf(small).subarray(0, 600)],
  'a file that ends early': ['ERR_CORRUPT_DATA', fileOf(small).subarray(0, 1024 + 47)],
  'a negative dimension': ['ERR_CORRUPT_DATA', fileOf(small, { changes: { 1: -4 } })],
  'a header that announces terabytes': ['ERR_CORRUPT_DATA', fileOf(small, { changes: { 1: 2 ** 20, 2: 2 ** 20 } })],
  'a mode of 4-bit integers': ['ERR_UNSUPPORTED', fileOf(small, { changes: { 4: 101 } })]
} as const).map(([name, [code, bytes]]) => ({
  name,
  code,
  open: ({ wrap }) => openSource(wrap(memoryStore([['', bytes]])), { format: 'mrc' })
}))

const axes = ['z', 'y', 'x'].map((name) => ({ name, type: 'space', unit: 'angstrom', scale: 2.5 }) as const)
const variants: readonly (Partial<TestedBackend> & {
  readonly name: string
  readonly reference: NdArray
  readonly bytes: Uint8Array
  readonly file: string
})[] = [
  { name: 'volume', reference: referenceArray([6, 7, 8], 'int16'), file: 'volume.mrc', metadata: { axes }, badInputs },
  { name: 'image, float32', reference: referenceArray([7, 8], 'float32'), file: 'image.mrc', metadata: { axes: axes.slice(1) } },
  { name: 'stack of volumes, complex', reference: referenceArray([3, 4, 5, 2], 'complex64'), file: 'stack.mrc' },
  { name: 'big-endian, uint16', reference: referenceArray([4, 5, 6], 'uint16'), file: 'big.mrc', bigEndian: true },
  { name: 'gzip, float16', reference: referenceArray([6, 7, 8], 'float16'), file: 'volume.mrc.gz' }
].map(({ bigEndian, ...variant }) => {
  const bytes = fileOf(variant.reference, { bigEndian: bigEndian === true })
  return { ...variant, bytes: variant.file.endsWith('.gz') ? gzipSync(bytes) : bytes }
})

for (const { bytes, file, ...variant } of variants) {
  const path = join(folder, file)
  writeFileSync(path, bytes)
  testBackend(
    { describe, it },
    {
      ...variant,
      name: `mrc ${variant.name}`,
      kind: 'mrc',
      driver: mrc,
      chunks: null,
      shards: null,
      capabilities: {
        store: true,
        spec: { worker: { modules: [new URL('../dist/index.js', import.meta.url).href] } },
        write: 'new'
      },
      open: ({ wrap, context, signal }) => openSource(wrap(fileSystemStore(path)), { context, signal }),
      ...writing
    }
  )
}
