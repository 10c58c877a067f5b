import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createSource, fileSystemStore, type NdArray, ndarray, openSource } from '@bioimage/core'
import { memoryStore } from '@bioimage/core/backend'
import { testBackend } from '@bioimage/testing'
import { wkw } from '@bioimage/webknossos'
import { afterAll, describe, it } from 'vitest'

const shape = [6, 7, 8]
const values = Array.from({ length: 336 }, (_, at) => (at * 7919) % 65536)
const channels = values.flatMap((value) => [value, value + 1, value * 3])
const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'bioimage-wkw-suite-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const dtypes = ['int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64', 'float32', 'float64'] as const

interface Case {
  readonly name: string
  readonly reference: NdArray
  readonly chunks: readonly number[]
  readonly shards: readonly number[] | null
  readonly blockType: string
}

const uint16 = ndarray(Uint16Array.from(values), shape)
const rgb = ndarray(Uint8Array.from(channels), [...shape, 3])
const cases: readonly Case[] = [
  { name: 'raw-uint16', reference: uint16, chunks: [2, 2, 2], shards: [4, 4, 4], blockType: 'raw' },
  { name: 'lz4-uint16', reference: uint16, chunks: [2, 2, 2], shards: [4, 4, 4], blockType: 'lz4' },
  {
    name: 'lz4hc-float32',
    reference: ndarray(Float32Array.from(values), shape),
    chunks: [4, 4, 4],
    shards: [8, 8, 8],
    blockType: 'lz4hc'
  },
  { name: 'lz4-uint8-3-channels', reference: rgb, chunks: [4, 4, 4, 3], shards: [8, 8, 8, 3], blockType: 'lz4' }
]

const header = Uint8Array.from([0x57, 0x4b, 0x57, 1, 0x11, 2, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0])
const changed = (at: number, byte: number): Uint8Array => header.with(at, byte)
const bad = (
  name: string,
  code: 'ERR_CORRUPT_DATA' | 'ERR_UNSUPPORTED' | 'ERR_NOT_FOUND',
  objects: readonly (readonly [string, Uint8Array])[]
) =>
  ({
    name,
    code,
    open: ({ wrap }: { readonly wrap: (store: ReturnType<typeof memoryStore>) => ReturnType<typeof memoryStore> }) =>
      openSource(wrap(memoryStore(objects)), { format: 'wkw', shape: [4, 4, 4] })
  }) as const

let created = 0
for (const { name, reference, chunks, shards, blockType } of cases) {
  testBackend(
    { describe, it },
    {
      name: `wkw, ${name}`,
      kind: 'wkw',
      driver: wkw,
      reference,
      chunks,
      shards,
      capabilities: {
        store: true,
        spec: { worker: { modules: [new URL('../dist/index.js', import.meta.url).href] } },
        write: 'regions'
      },
      open: ({ wrap, context, signal }) =>
        openSource(wrap(fileSystemStore(fixture(name))), { format: 'wkw', shape: reference.shape, context, signal }),
      create: (asked) => createSource(join(folder, `${created++}`), { format: 'wkw', internalPath: 'color/1', blockType, ...asked }),
      creation: { dtypes, chunks: false, shards: false, fillValue: false },
      badInputs: [
        bad('a folder that is no WKW', 'ERR_NOT_FOUND', []),
        bad('a header that is cut', 'ERR_CORRUPT_DATA', [['header.wkw', header.subarray(0, 12)]]),
        bad('another magic', 'ERR_CORRUPT_DATA', [['header.wkw', changed(0, 0x58)]]),
        bad('another version', 'ERR_UNSUPPORTED', [['header.wkw', changed(3, 9)]]),
        bad('an unknown block type', 'ERR_UNSUPPORTED', [['header.wkw', changed(5, 4)]]),
        bad('an unknown voxel type', 'ERR_UNSUPPORTED', [['header.wkw', changed(6, 11)]]),
        bad('half a voxel', 'ERR_CORRUPT_DATA', [['header.wkw', changed(7, 3)]]),
        bad('a file of another voxel type', 'ERR_CORRUPT_DATA', [
          ['header.wkw', header],
          ['z0/y0/x0.wkw', changed(6, 8)]
        ]),
        bad('a file whose table is cut', 'ERR_CORRUPT_DATA', [
          ['header.wkw', header],
          ['z0/y0/x0.wkw', changed(8, 80)]
        ]),
        bad('an empty file', 'ERR_CORRUPT_DATA', [
          ['header.wkw', header],
          ['z0/y0/x0.wkw', new Uint8Array()]
        ])
      ]
    }
  )
}
