import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { createSource, type DType, fileSystemStore, memoryStore, type NdArray, openSource } from '@bioimage/core'
import { bytesOf, componentSizeOf, swapBytes } from '@bioimage/core/backend'
import { nifti } from '@bioimage/nifti'
import { copyOf, referenceArray, type TestedBackend, testBackend } from '@bioimage/testing'
import { afterAll, describe, it } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'bioimage-nifti-suite-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const datatypes: Partial<Record<DType, number>> = {
  uint8: 2,
  int16: 4,
  int32: 8,
  float32: 16,
  complex64: 32,
  float64: 64,
  int8: 256,
  uint16: 512,
  uint32: 768,
  int64: 1024,
  uint64: 1280,
  complex128: 1792
}

interface FileOptions {
  readonly bigEndian?: boolean
  readonly version?: 1 | 2
  readonly slope?: number
  readonly intercept?: number
  /** 16-bit words of the header of version 1, by their byte. */
  readonly words?: Readonly<Record<number, number>>
}

/** A file made by hand: the fields of the header by their bytes in `nifti1.h` and `nifti2.h`, then the array in C order. */
function fileOf(array: NdArray, { bigEndian = false, version = 1, slope = 0, intercept = 0, words = {} }: FileOptions = {}): Uint8Array {
  const little = !bigEndian
  const lengths = array.shape.toReversed()
  const dim = [lengths.length, ...lengths, 1, 1, 1, 1, 1, 1, 1].slice(0, 8)
  const offset = version === 1 ? 352 : 544
  const header = new DataView(new ArrayBuffer(offset))
  const bytes = new Uint8Array(header.buffer)
  header.setInt32(0, offset - 4, little)
  if (version === 1) {
    for (const [at, length] of dim.entries()) header.setInt16(40 + 2 * at, length, little)
    header.setInt16(70, datatypes[array.dtype] ?? 0, little)
    for (let at = 1; at < 4; at++) header.setFloat32(76 + 4 * at, 2.5, little)
    header.setFloat32(108, offset, little)
    header.setFloat32(112, slope, little)
    header.setFloat32(116, intercept, little)
    header.setUint8(123, 2 | 8)
    bytes.set(new TextEncoder().encode('n+1\0'), 344)
  } else {
    bytes.set(new TextEncoder().encode('n+2\0\r\n\x1a\n'), 4)
    header.setInt16(12, datatypes[array.dtype] ?? 0, little)
    for (const [at, length] of dim.entries()) header.setBigInt64(16 + 8 * at, BigInt(length), little)
    for (let at = 1; at < 4; at++) header.setFloat64(104 + 8 * at, 2.5, little)
    header.setBigInt64(168, BigInt(offset), little)
    header.setFloat64(176, slope, little)
    header.setFloat64(184, intercept, little)
    header.setInt32(500, 2 | 8, little)
  }
  for (const [at, value] of Object.entries(words)) header.setInt16(Number(at), value, little)
  const stored = bytesOf(copyOf(array).data)
  if (bigEndian) swapBytes(stored, componentSizeOf(array.dtype))
  const file = new Uint8Array(offset + stored.byteLength)
  file.set(bytes)
  file.set(stored, offset)
  return file
}

/** The array after `slope * stored + intercept`, element by element. */
function scaled(array: NdArray, slope: number, intercept: number): NdArray {
  const { data, shape, stride } = copyOf(array)
  if (!(data instanceof Int16Array)) throw new TypeError('expected int16')
  return { dtype: 'float64', shape, stride, data: Float64Array.from(data, (value) => value * slope + intercept) }
}

let created = 0
const writing = (extension: string): Pick<TestedBackend, 'create' | 'creation'> => ({
  create: (options) => createSource(join(folder, `created-${created++}${extension}`), { ...options }),
  creation: {
    dtypes: Object.keys(datatypes) as DType[],
    chunks: false,
    shards: false,
    fillValue: false,
    shapes: [[5], [3, 4], [4, 5, 6], [3, 4, 5, 2], [2, 1, 2, 1, 2, 2, 2], [0, 3]]
  }
})

const small = referenceArray([2, 3, 4], 'int16')
const badInputs: TestedBackend['badInputs'] = Object.entries({
  'no header': ['ERR_CORRUPT_DATA', fileOf(small).subarray(0, 300)],
  'another magic': ['ERR_CORRUPT_DATA', fileOf(small, { words: { 344: 0x3030 } })],
  'a file that ends early': ['ERR_CORRUPT_DATA', fileOf(small).subarray(0, 352 + 47)],
  'a gzip stream that ends early': ['ERR_CORRUPT_DATA', gzipSync(fileOf(small)).subarray(0, 70)],
  'a negative dimension': ['ERR_CORRUPT_DATA', fileOf(small, { words: { 42: -4 } })],
  'a rank of 9': ['ERR_CORRUPT_DATA', fileOf(small, { words: { 40: 9 } })],
  'a header that announces terabytes': ['ERR_CORRUPT_DATA', fileOf(small, { words: { 42: 32767, 44: 32767, 46: 32767 } })],
  'a compressed header that announces terabytes': [
    'ERR_CORRUPT_DATA',
    gzipSync(fileOf(small, { words: { 42: 32767, 44: 32767, 46: 32767 } }))
  ],
  'a datatype of 128-bit floats': ['ERR_UNSUPPORTED', fileOf(small, { words: { 70: 1536 } })]
} as const).map(([name, [code, bytes]]) => ({
  name,
  code,
  open: ({ wrap }) => openSource(wrap(memoryStore([['', bytes]])), { format: 'nifti' })
}))

const axes = ['z', 'y', 'x'].map((name) => ({ name, type: 'space', unit: 'millimeter', scale: 2.5 }) as const)
const values = referenceArray([6, 7, 8], 'int16')
const volume = { file: 'volume.nii', metadata: { axes } } as const
const variants: readonly (Partial<TestedBackend> & {
  readonly name: string
  readonly reference: NdArray
  readonly bytes: Uint8Array
  readonly file: string
})[] = [
  { ...volume, name: 'version 1', reference: values, bytes: fileOf(values), badInputs, ...writing('.nii') },
  {
    ...volume,
    name: 'version 2, big-endian',
    file: 'big.nii',
    reference: values,
    bytes: fileOf(values, { version: 2, bigEndian: true }),
    ...writing('.nii.gz')
  },
  {
    ...volume,
    name: 'scaled',
    file: 'scaled.nii',
    reference: scaled(values, 0.5, -3),
    bytes: fileOf(values, { slope: 0.5, intercept: -3 }),
    ...writing('.nii')
  },
  ...(['complex64', 'int64'] as const).map((dtype) => {
    const reference = referenceArray([3, 4, 5, 2], dtype)
    return { name: dtype, reference, file: `${dtype}.nii`, bytes: fileOf(reference), ...writing('.nii') }
  }),
  {
    ...volume,
    name: 'gzip, scaled, big-endian',
    file: 'volume.nii.gz',
    reference: scaled(values, 2, 1),
    bytes: gzipSync(fileOf(values, { slope: 2, intercept: 1, bigEndian: true })),
    ...writing('.nii')
  }
]

for (const { bytes, file, ...variant } of variants) {
  const path = join(folder, file)
  writeFileSync(path, bytes)
  testBackend(
    { describe, it },
    {
      ...variant,
      name: `nifti ${variant.name}`,
      kind: 'nifti',
      driver: nifti,
      chunks: null,
      shards: null,
      capabilities: {
        store: true,
        spec: { worker: { modules: [new URL('../dist/index.js', import.meta.url).href] } },
        write: 'new'
      },
      open: ({ wrap, context, signal }) => openSource(wrap(fileSystemStore(path)), { context, signal })
    }
  )
}
