import { crc32, deflateRawSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import '../src/image.js'
import { codecRuntime, decodeBytes } from '../src/index.js'

const content = Uint8Array.from({ length: 5000 }, (_, at) => (at * at) >> 7)

/** An archive of one file by the specification (APPNOTE 4.3), with a comment behind it. */
function archive(method: 0 | 8, { entries = 1, checksum = crc32(content) } = {}): Uint8Array {
  const data = method === 0 ? content : deflateRawSync(content)
  const name = Buffer.from('cube.seg.sz')
  const fields = (bytes: number, values: readonly (readonly [at: number, size: 2 | 4, value: number])[]): Buffer => {
    const record = Buffer.alloc(bytes)
    for (const [at, size, value] of values) record.writeUIntLE(value, at, size)
    return record
  }
  const local = fields(30, [
    [0, 4, 0x04034b50],
    [8, 2, method],
    [14, 4, checksum],
    [18, 4, data.byteLength],
    [22, 4, content.byteLength],
    [26, 2, name.length],
    [28, 2, 3]
  ])
  const central = fields(46, [
    [0, 4, 0x02014b50],
    [10, 2, method],
    [16, 4, checksum],
    [20, 4, data.byteLength],
    [24, 4, content.byteLength],
    [28, 2, name.length]
  ])
  const start = local.length + name.length + 3 + data.byteLength
  const end = fields(22, [
    [0, 4, 0x06054b50],
    [8, 2, entries],
    [10, 2, entries],
    [12, 4, central.length + name.length],
    [16, 4, start],
    [20, 2, 7]
  ])
  return new Uint8Array(Buffer.concat([local, name, Buffer.alloc(3), data, central, name, end, Buffer.from('comment')]))
}

const limits = { maxBytes: content.byteLength, exactBytes: content.byteLength }

describe('a zip archive of a single file', () => {
  test.each([0, 8] as const)('is read, by method %i', async (method) => {
    expect(await decodeBytes({ id: 'zip' }, archive(method), limits)).toEqual(content)
  })
  test.each([
    ['nothing', new Uint8Array(0)],
    ['a cut archive', archive(8).subarray(0, 500)],
    ['two files', archive(8, { entries: 2 })],
    ['another checksum', archive(8, { checksum: 1 })],
    ['no archive', content]
  ])('%s is an error', async (_, bytes) => {
    await expect(decodeBytes({ id: 'zip' }, bytes, limits)).rejects.toMatchObject({ code: 'ERR_CORRUPT_DATA' })
  })
  test('of another length is an error', async () => {
    await expect(decodeBytes({ id: 'zip' }, archive(8), { maxBytes: 4999, exactBytes: 4999 })).rejects.toThrow(
      /has 5000 bytes, expected 4999/
    )
  })
})

describe('a Snappy block', () => {
  // A literal of nine bytes, then a copy of five from nine before.
  const block = Uint8Array.of(14, 8 << 2, ...new TextEncoder().encode('Wikipedia'), ((5 - 4) << 2) | 1, 9)
  test('is read', async () => {
    expect(new TextDecoder().decode(await decodeBytes({ id: 'snappy' }, block, { maxBytes: 14, exactBytes: 14 }))).toBe('WikipediaWikip')
  })
  test.each([
    ['nothing', new Uint8Array(0)],
    ['a cut block', block.subarray(0, -1)],
    ['another length', block.with(0, 13)],
    ['a copy from before the beginning', block.with(block.byteLength - 1, 10)]
  ])('%s is an error', async (_, bytes) => {
    await expect(decodeBytes({ id: 'snappy' }, bytes, { maxBytes: 14, exactBytes: 14 })).rejects.toMatchObject({ code: 'ERR_CORRUPT_DATA' })
  })
  test('in a zip archive is a chain', async () => {
    const coder = await codecRuntime.coder({ codecs: [{ id: 'snappy' }, { id: 'zip' }], byteLength: 14, itemSize: 1 })
    await expect(async () => coder.decode(block, (bytes) => bytes)).rejects.toMatchObject({ code: 'ERR_CORRUPT_DATA' })
  })
})
