import { readFile } from 'node:fs/promises'
import { recordingStore } from '@bioimage/testing'
import { describe, expect, test } from 'vitest'
import { memoryStore, resolveRange, type Store, zipStore } from '../src/index.js'
import { codeOf } from './helpers/code-of.js'
import { makeZip, makeZipPieces, type ZipPart } from './helpers/make-zip.js'
import { testReading } from './helpers/read-contract.js'

const text = (words: string): Uint8Array => new TextEncoder().encode(words)
const digits = Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
const fileOf = (bytes: Uint8Array): Store => memoryStore([['', bytes]])
const zipOf = (parts: readonly ZipPart[], options?: Parameters<typeof makeZip>[1]): Promise<Store> =>
  zipStore(fileOf(makeZip(parts, options)))

async function list(store: Store, folder = ''): Promise<string[]> {
  const names: string[] = []
  for await (const { name, folder: isFolder, size } of store.list?.(folder) ?? []) names.push(isFolder ? `${name}/` : `${name} ${size}`)
  return names.sort()
}

testReading('stored', async () => ({ store: await zipOf([{ name: 'a/digits', data: digits }]), key: 'a/digits' }))
testReading('deflated', async () => ({ store: await zipOf([{ name: 'digits', data: digits, method: 8 }]), key: 'digits' }))
testReading('zip64', async () => ({ store: await zipOf([{ name: 'digits', data: digits, zip64: true }], { zip64: true }), key: 'digits' }))

describe('files of other programs', () => {
  test.each(['python-stored.zip', 'python-deflated.zip', 'python-streamed.zip', 'zip-stored.zip', 'zip-zip64.zip'])('%s', async (name) => {
    const store = await zipStore(fileOf(await readFile(new URL(`fixtures/zip/${name}`, import.meta.url))))
    expect(await store.get('digits')).toEqual(digits)
    expect(await store.get('digits', { range: { offset: 2, length: 3 } })).toEqual(digits.subarray(2, 5))
    expect(await store.get('empty')).toEqual(new Uint8Array(0))
    expect(await store.get('a/zeros')).toEqual(new Uint8Array(5000))
    expect(await store.get('a/b/ü #1?.txt')).toEqual(text('Grüße'))
    expect(await list(store)).toEqual(['a/', 'digits 10', 'empty 0', 'ramp.raw 672'])
    expect(await list(store, 'a')).toEqual(['b/', 'zeros 5000'])
    expect(await list(store, 'a/b')).toEqual(['ü #1?.txt 7'])
    expect(await list(store, 'digits')).toEqual([])
    // A folder is no object, also where it has an entry of its own.
    expect(await store.get('a')).toBeUndefined()
    expect(await store.get('a/')).toBeUndefined()
  })
})

describe('reads', () => {
  test('only the range of a stored entry, and its header once', async () => {
    const file = recordingStore(fileOf(makeZip([{ name: 'zeros', data: new Uint8Array(1 << 16) }])))
    const store = await zipStore(file)
    file.clear()
    await store.get('zeros', { range: { offset: 1000, length: 10 } })
    expect(file.bytesRead).toBe(30 + 10)
    await store.get('zeros', { range: { suffixLength: 7 } })
    expect(file.bytesRead).toBe(30 + 10 + 7)
  })
  test('with the signal of the caller, all the way down', async () => {
    const file = recordingStore(fileOf(makeZip([{ name: 'digits', data: digits, method: 8 }], { zip64: true })))
    const [opening, reading] = [new AbortController().signal, new AbortController().signal]
    const store = await zipStore(file, '', { signal: opening })
    expect(new Set(file.requests.map(({ signal }) => signal))).toEqual(new Set([opening]))
    file.clear()
    await store.get('digits', { signal: reading })
    expect(file.requests.map(({ signal }) => signal)).toEqual([reading, reading])
  })
  test('into the memory it is given', async () => {
    const store = await zipStore({ ...fileOf(new Uint8Array(0)), ...scratching(makeZip([{ name: 'digits', data: digits }])) })
    const scratch = new Uint8Array(16)
    expect((await store.get('digits', { scratch }))?.buffer).toBe(scratch.buffer)
  })
  test('a file beyond four gigabytes', async () => {
    const { body, directory } = makeZipPieces([{ name: 'digits', data: digits, zip64: true }], { zip64: true })
    const [bodyOffset, directoryOffset] = [5 * 2 ** 32, 7 * 2 ** 33]
    const store = await zipStore(
      sparseFile([
        [bodyOffset, body],
        [directoryOffset, directory(bodyOffset, directoryOffset)]
      ])
    )
    expect(await store.get('digits')).toEqual(digits)
    expect(await store.get('digits', { range: { suffixLength: 2 } })).toEqual(digits.subarray(8))
  })
  test('nothing of an empty zip file', async () => {
    expect(await list(await zipOf([]))).toEqual([])
  })
  test('the last of two entries of one name, as it was written later', async () => {
    const store = await zipOf([
      { name: 'x', data: text('old') },
      { name: 'x', data: digits }
    ])
    expect(await store.get('x')).toEqual(digits)
    expect(await list(store)).toEqual(['x 10'])
  })
  test('files whose comment looks like an end record', async () => {
    const record = Uint8Array.of(0x50, 0x4b, 5, 6, ...new Uint8Array(18))
    for (const comment of [record.subarray(0, 4), Uint8Array.of(...record, 1), new Uint8Array(0xffff).fill(0x50)]) {
      const store = await zipOf([{ name: 'digits', data: digits }], { comment })
      expect(await store.get('digits')).toEqual(digits)
    }
  })
  test('names of any kind, as nothing but names', async () => {
    const names = ['../outside', '/etc/passwd', 'a//b', 'a\\b', '__proto__', 'constructor', 'C:', 'a/../b', '.', '..']
    const store = await zipOf(names.map((name) => ({ name, data: text(name) })))
    for (const name of names) expect(await store.get(name)).toEqual(text(name))
    expect((await list(store)).length).toBeGreaterThan(0)
    expect(await store.get('etc/passwd')).toBeUndefined()
    expect(await store.get('toString')).toBeUndefined()
  })
  test('and never writes', async () => {
    const store = await zipOf([])
    expect([store.set, store.delete, store.create]).toEqual([undefined, undefined, undefined])
  })
})

const entry = { name: 'digits', data: digits }
const deflatedEntry = { ...entry, data: new Uint8Array(5000), method: 8 }

describe('damaged files', () => {
  test('cut anywhere', async () => {
    const whole = makeZip([entry, deflatedEntry], { comment: text('comment') })
    for (let length = 0; length < whole.byteLength; length++) {
      expect(await codeOf(zipStore(fileOf(whole.subarray(0, length))))).toBe('ERR_CORRUPT_DATA')
    }
  })
  test.each([
    ['', { comment: text('c') }],
    [' of zip64', { zip64: true }]
  ])('one byte of which is another%s: an error, or what is right', async (_, options) => {
    const parts = [
      { ...entry, zip64: 'zip64' in options },
      { name: 'zeros', data: new Uint8Array(300), method: 8 }
    ]
    const whole = makeZip(parts, options)
    let failures = 0
    for (let at = 0; at < whole.byteLength; at++) {
      const damaged = whole.with(at, (whole[at] ?? 0) ^ 0x41)
      try {
        const store = await zipStore(fileOf(damaged))
        for (const { name, data } of parts) {
          const found = await store.get(name)
          if (found !== undefined) expect(found).toEqual(data)
        }
      } catch (error) {
        failures++
        expect(await codeOf(Promise.reject(error))).toMatch(/^ERR_(CORRUPT_DATA|UNSUPPORTED)$/)
      }
    }
    expect(failures).toBeGreaterThan(whole.byteLength / 3)
  })
  test.each<[string, readonly ZipPart[], Parameters<typeof makeZip>[1]]>([
    ['an entry outside the file', [{ ...entry, headerOffset: 1 << 20 }], {}],
    ['a stored entry of two sizes', [{ ...entry, size: 9 }], {}],
    ['a terabyte in an entry of a few bytes', [{ ...deflatedEntry, size: 2 ** 40, zip64: true }], {}],
    ['more entries than there are', [entry], { count: 2 }],
    ['four billion entries', [entry], { count: 2 ** 32, zip64: true }]
  ])('that announce %s, when opened', async (_, parts, options) => {
    expect(await codeOf(zipOf(parts, options))).toBe('ERR_CORRUPT_DATA')
  })
  test.each<[string, ZipPart]>([
    ['a wrong checksum', { ...entry, crc: 1 }],
    ['a wrong checksum, deflated', { ...deflatedEntry, crc: 1 }],
    ['more bytes than announced', { ...deflatedEntry, size: 4999 }],
    ['fewer bytes than announced', { ...deflatedEntry, size: 5001 }],
    ['no deflate stream', { ...entry, data: new Uint8Array(64).fill(0xff), method: 0, flags: 0 }],
    ['no header', { ...entry, headerOffset: 1 }]
  ])('with %s, when read', async (_, part) => {
    const bytes = makeZip([part])
    // The method stands at byte 10 of the directory's header.
    if (part.flags === 0) bytes[bytes.byteLength - 22 - 46 - part.name.length + 10] = 8
    const store = await zipStore(fileOf(bytes))
    expect(await codeOf(store.get('digits'))).toBe('ERR_CORRUPT_DATA')
  })
  test('that become shorter after they are opened', async () => {
    let bytes = makeZip([entry])
    const store = await zipStore({
      ...fileOf(bytes),
      get: async (key, options) => fileOf(bytes).get(key, options),
      size: async () => bytes.byteLength
    })
    bytes = bytes.subarray(0, 44)
    expect(await codeOf(store.get('digits'))).toBe('ERR_CORRUPT_DATA')
  })
})

test('a file that is replaced after it was opened is told from a damaged one', async () => {
  const file = fileOf(makeZip([{ name: 'digits', data: digits }]))
  const store = await zipStore(file)
  expect(await store.get('digits')).toEqual(digits)
  await file.set?.(
    '',
    makeZip([
      { name: 'more', data: digits },
      { name: 'digits', data: digits.toReversed() }
    ])
  )
  expect(await codeOf(store.get('digits'))).toBe('ERR_IO')
  await expect(store.get('digits')).rejects.toThrow('was replaced after it was opened')
  expect(await (await zipStore(file)).get('digits')).toEqual(digits.toReversed())
})

describe('what is not read', () => {
  test('encrypted entries', async () => {
    expect(await codeOf(zipOf([{ ...entry, flags: 1 }]))).toBe('ERR_UNSUPPORTED')
  })
  test('other compressions, while the rest of the file is read', async () => {
    const store = await zipOf([{ ...entry, name: 'bzip2', method: 12 }, { ...entry, name: 'zstd', method: 93 }, entry])
    expect(await codeOf(store.get('bzip2'))).toBe('ERR_UNSUPPORTED')
    expect(await codeOf(store.get('zstd'))).toBe('ERR_UNSUPPORTED')
    expect(await store.get('digits')).toEqual(digits)
  })
  test('a file that is not there', async () => {
    expect(await codeOf(zipStore(memoryStore()))).toBe('ERR_NOT_FOUND')
  })
  test('anything that is no zip file', async () => {
    for (const bytes of [new Uint8Array(0), digits, new Uint8Array(1 << 17).fill(0x50)]) {
      expect(await codeOf(zipStore(fileOf(bytes)))).toBe('ERR_CORRUPT_DATA')
    }
  })
})

/** A file that is a hole but for these pieces. */
function sparseFile(pieces: readonly (readonly [offset: number, bytes: Uint8Array])[]): Store {
  const size = Math.max(...pieces.map(([offset, bytes]) => offset + bytes.byteLength))
  return {
    ...memoryStore(),
    async get(_, options = {}) {
      const { offset, length } = resolveRange(options.range, size)
      const part = new Uint8Array(length)
      for (const [start, bytes] of pieces) {
        const from = Math.max(start, offset)
        const to = Math.min(start + bytes.byteLength, offset + length)
        if (from < to) part.set(bytes.subarray(from - start, to - start), from - offset)
      }
      return part
    },
    size: async () => size
  }
}

/** Members of a store that reads into the memory given, as files and servers do. */
function scratching(bytes: Uint8Array): Pick<Store, 'get' | 'size'> {
  return {
    async get(_, { range, scratch } = {}) {
      const { offset, length } = resolveRange(range, bytes.byteLength)
      const target = scratch?.subarray(0, length) ?? new Uint8Array(length)
      target.set(bytes.subarray(offset, offset + length))
      return target
    },
    size: async () => bytes.byteLength
  }
}
