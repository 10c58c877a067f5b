import { isSourceError, type Json, listArrays, memoryStore, openSource, type Store } from '@bioimage/core'
import { describe, expect, it } from 'vitest'
import '@bioimage/n5'

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))
const json = (document: Json): Uint8Array => new TextEncoder().encode(JSON.stringify(document))

/** The header of the block of 1 x 2 x 3 that the specification prints, and its payload under every compression. */
const header = '00000003000000010000000200000003'
const payloads: readonly (readonly [Json, string])[] = [
  [{ type: 'raw' }, '000100020003000400050006'],
  [{ type: 'gzip', level: -1 }, '1f8b08000000000000006360646062606660616065600300aaea6dbf0c000000'],
  [
    { type: 'xz', preset: 6 },
    'fd377a585a000004e6d6b4460200210116000000742fe5a301000b000100020003000400050006000d0309ca34ec15a7000124 0ca618d8d81fb6f37d010000000004595a'.replace(
      / /g,
      ''
    )
  ],
  [
    { type: 'bzip2', blockSize: 9 },
    '425a68393141592653 59023e0dd2000000 40007f00200031 0c010d31a873 94337c5dc914e1424008f83748'.replace(/ /g, '')
  ]
]

const example = { dimensions: [1, 2, 3], blockSize: [1, 2, 3], dataType: 'uint16' }

function container(document: Json, block: Uint8Array | undefined, root: Json = { n5: '2.0.0' }): Store {
  const blocks: [string, Uint8Array][] = block === undefined ? [] : [['data/0/0/0', block]]
  return memoryStore([['attributes.json', json(root)], ['data/attributes.json', json(document)], ...blocks])
}

const open = (store: Store) => openSource(store, { format: 'n5', internalPath: 'data' })

describe('the example of the specification', () => {
  it.each(payloads)('%o', async (compression, payload) => {
    const source = await open(container({ ...example, compression }, bytesOf(header + payload)))
    expect(source).toMatchObject({ shape: [3, 2, 1], dtype: 'uint16', chunks: [3, 2, 1] })
    expect([...(await source.get()).data]).toEqual([1, 2, 3, 4, 5, 6])
    // Indices run the other way round: x, y, z of the format are z, y, x.
    expect(await source.get([2, 0, 0])).toBe(5)
  })
  it('in version 0, which has the name of the compression alone', async () => {
    const source = await open(container({ ...example, compressionType: 'gzip' }, bytesOf(header + payloads[1]?.[1])))
    expect(await source.get([0, 1, 0])).toBe(2)
  })
  it('without a block: zeros', async () => {
    const source = await open(container({ ...example, compression: { type: 'raw' } }, undefined))
    expect([...(await source.get()).data]).toEqual([0, 0, 0, 0, 0, 0])
  })
})

const good = { ...example, compression: { type: 'raw' } }
const without = (name: string): Json => Object.fromEntries(Object.entries(good).filter(([member]) => member !== name))
const huge = 2 ** 31 - 1

describe('a document', () => {
  it.each<[string, Json, string]>([
    ['without blockSize', without('blockSize'), 'ERR_CORRUPT_DATA'],
    ['without dataType', without('dataType'), 'ERR_CORRUPT_DATA'],
    ['without compression', without('compression'), 'ERR_CORRUPT_DATA'],
    ['without axes', { ...good, dimensions: [], blockSize: [] }, 'ERR_CORRUPT_DATA'],
    ['with a negative dimension', { ...good, dimensions: [1, -2, 3] }, 'ERR_CORRUPT_DATA'],
    ['with a dimension that is no integer', { ...good, dimensions: [1, 2.5, 3] }, 'ERR_CORRUPT_DATA'],
    ['with dimensions that are no list', { ...good, dimensions: 'all' }, 'ERR_CORRUPT_DATA'],
    ['with a block length of 0', { ...good, blockSize: [1, 0, 3] }, 'ERR_CORRUPT_DATA'],
    ['with a block of another rank', { ...good, blockSize: [1, 2] }, 'ERR_CORRUPT_DATA'],
    ['with blocks of terabytes', { ...good, dimensions: [huge, huge, huge], blockSize: [huge, huge, huge] }, 'ERR_CORRUPT_DATA'],
    ['of an unknown dataType', { ...good, dataType: 'float128' }, 'ERR_UNSUPPORTED'],
    ['of strings', { ...good, dataType: 'string' }, 'ERR_UNSUPPORTED'],
    ['of objects', { ...good, dataType: 'object' }, 'ERR_UNSUPPORTED'],
    ['with a dataType that is no name', { ...good, dataType: 16 }, 'ERR_CORRUPT_DATA'],
    ['with an unknown compression', { ...good, compression: { type: 'example' } }, 'ERR_UNSUPPORTED'],
    ['with a compression without type', { ...good, compression: { level: 5 } }, 'ERR_CORRUPT_DATA'],
    ['of label multisets', { ...good, isLabelMultiset: true }, 'ERR_UNSUPPORTED'],
    ['with shards of version 4', { ...good, codecs: [] }, 'ERR_UNSUPPORTED']
  ])('%s is refused', async (_, document, code) => {
    await expect(open(container(document, undefined))).rejects.toMatchObject({ code, kind: 'n5' })
    // One data set that cannot be read hides no others.
    expect(await listArrays(container(document, undefined), { format: 'n5' })).toMatchObject([
      { internalPath: 'data', problem: expect.any(String) }
    ])
  })
  it.each([
    ['"4.0.0"', 'read'],
    ['"1.5.1-SNAPSHOT"', 'read'],
    ['null', 'read'],
    ['"5.0.0"', 'ERR_UNSUPPORTED'],
    ['"new"', 'ERR_CORRUPT_DATA'],
    ['2', 'ERR_CORRUPT_DATA']
  ])('of version %s: %s', async (version, expected) => {
    const store = container(good, bytesOf(header + payloads[0]?.[1]), { n5: JSON.parse(version) })
    const found = await open(store).then(
      () => 'read',
      (error: unknown) => (isSourceError(error) ? error.code : 'another error')
    )
    expect(found).toBe(expected)
  })
  it('that is cut off is refused; that of a group above is not needed', async () => {
    const cut = new TextEncoder().encode('{"dimensions": [1,')
    await expect(open(memoryStore([['data/attributes.json', cut]]))).rejects.toMatchObject({ code: 'ERR_CORRUPT_DATA' })
    const source = await open(
      memoryStore([
        ['attributes.json', cut],
        ['data/attributes.json', json(good)]
      ])
    )
    expect(source.shape).toEqual([3, 2, 1])
  })
  it('may hold bare NaN, as Python writes it', async () => {
    const text = JSON.stringify({ ...good, background: 0 }).replace('"background":0', '"background": NaN')
    const source = await open(memoryStore([['data/attributes.json', new TextEncoder().encode(text)]]))
    expect(source.attrs).toEqual({ background: Number.NaN })
  })
})

describe('a block', () => {
  it.each<[string, string, string]>([
    ['of no bytes', '', 'ERR_CORRUPT_DATA'],
    ['that ends in its header', header.slice(0, 20), 'ERR_CORRUPT_DATA'],
    ['that ends in its elements', header + (payloads[0]?.[1] ?? '').slice(0, 20), 'ERR_CORRUPT_DATA'],
    ['of terabytes', '00000003000000017fffffff7fffffff', 'ERR_CORRUPT_DATA'],
    ['of objects', '000200000006', 'ERR_UNSUPPORTED'],
    ['of variable length', '00010003000000010000000200000003000000090000', 'ERR_UNSUPPORTED']
  ])('%s is refused, with its place', async (_, hex, code) => {
    const source = await open(container(good, bytesOf(hex)))
    await expect(source.get()).rejects.toMatchObject({ code, message: expect.stringContaining('chunk (0, 0, 0), data/0/0/0: ') })
  })
})
