import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createSource, fromSpec, isSourceError, listArrays, memoryStore, openSource, slice, toNested } from '@bioimage/core'
import { bytesOf, processIdentity } from '@bioimage/core/backend'
import '@bioimage/hdf5'
import { afterAll, describe, expect, it } from 'vitest'
import { reference } from './reference.js'

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'bioimage-hdf5-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const codeOf = async (work: () => Promise<unknown>): Promise<string> => {
  try {
    await work()
    return 'no error'
  } catch (error) {
    return isSourceError(error) ? error.code : String(error)
  }
}

describe('datasets of h5py', () => {
  it.each([
    ['old.h5', 'contiguous'],
    ['old.h5', 'big_endian'],
    ['old.h5', 'gzip'],
    ['old.h5', 'raw'],
    ['old.h5', 'filters'],
    ['old.h5', 'lzf'],
    ['old.h5', 'group/attributes'],
    ['old.h5', 'soft'],
    ['new.h5', 'fixed_array'],
    ['new.h5', 'extensible_array'],
    ['new.h5', 'btree_2'],
    ['new.h5', 'single']
  ])('%s %s', async (file, internalPath) => {
    const source = await openSource(fixture(file), { internalPath })
    expect(toNested(await source.get())).toEqual(toNested(reference))
    expect(await source.get([3, 4, 5])).toBe((((3 * 7 + 4) * 8 + 5) * 7919) % 65536)
  })

  it('gives the fill value where nothing is stored', async () => {
    const source = await openSource(fixture('new.h5'), { internalPath: 'no_chunks' })
    expect(toNested(await source.get([0, 0, slice(null)]))).toEqual(new Array(8).fill(2.5))
  })

  it('finds one of many links by its hash', async () => {
    const source = await openSource(fixture('new.h5'), { internalPath: 'many/d13' })
    expect(await source.get([])).toBe(13)
  })

  it('gives attributes as JSON', async () => {
    const { attrs } = await openSource(fixture('old.h5'), { internalPath: 'group/attributes' })
    expect(attrs).toEqual({
      number: 1.5,
      integers: [0, 1, 2],
      large: '18446744073709551615',
      text: 'héllo',
      fixed: 'fixed',
      texts: ['one', 'two'],
      flag: true,
      matrix: [
        [0, 1],
        [2, 3]
      ],
      not_a_number: 'NaN'
    })
  })

  it('lists the datasets, and says which cannot be read', async () => {
    const arrays = await listArrays(fixture('old.h5'))
    expect(arrays.map(({ internalPath }) => internalPath)).toEqual([
      'big_endian',
      'contiguous',
      'filters',
      'group/attributes',
      'gzip',
      'lzf',
      'raw',
      'texts'
    ])
    expect(arrays.find(({ internalPath }) => internalPath === 'filters')?.codecs).toEqual(['shuffle', 'gzip', 'fletcher32'])
    expect(arrays.find(({ internalPath }) => internalPath === 'texts')?.problem).toMatch(/variable-length string/)
  })
})

describe('refused', () => {
  it.each([
    ['nowhere', 'ERR_NOT_FOUND'],
    ['cycle', 'ERR_NOT_FOUND'],
    ['group', 'ERR_ARRAY_NOT_CHOSEN'],
    [undefined, 'ERR_ARRAY_NOT_CHOSEN'],
    ['texts', 'ERR_UNSUPPORTED']
  ])('%s: %s', async (internalPath, code) => {
    expect(await codeOf(() => openSource(fixture('old.h5'), { internalPath }))).toBe(code)
  })

  it('any byte changed in the metadata of a new file gives an error or the right values', async () => {
    const bytes = readFileSync(fixture('new.h5'))
    for (let at = 0; at < bytes.length; at += 53) {
      const changed = Uint8Array.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 0x41
      const outcome = await codeOf(async () => {
        const source = await openSource(memoryStore([['', changed]]), { format: 'hdf5', internalPath: 'fixed_array' })
        expect(source.shape).toEqual([6, 7, 8])
        expect(toNested(await source.get())).toEqual(toNested(reference))
      })
      expect(
        ['no error', 'ERR_CORRUPT_DATA', 'ERR_UNSUPPORTED', 'ERR_NOT_FOUND', 'ERR_ARRAY_NOT_CHOSEN'],
        `byte ${at}: ${outcome}`
      ).toContain(outcome)
    }
  })
})

describe('writing', () => {
  it('is seen by a source that was opened before, and by a new one', async () => {
    const path = join(folder, 'seen.h5')
    const writer = await createSource(path, { internalPath: 'a', shape: [6, 7, 8], dtype: 'uint16', chunks: [4, 3, 5] })
    const before = await openSource(path, { internalPath: 'a' })
    expect(await before.get([1, 2, 3])).toBe(0)
    await writer.set([slice(1, 5), slice(2, 6), 3], 77)
    expect(await before.get([1, 2, 3])).toBe(77)
    await writer.close()
    expect(await (await fromSpec(before.toSpec())).get([4, 5, 3])).toBe(77)
  })

  it('adds and replaces datasets in files of h5py, which keep what they hold', async () => {
    for (const name of ['old.h5', 'new.h5']) {
      const path = join(folder, name)
      cpSync(fixture(name), path)
      for (const internalPath of ['added', 'deep/er/added', 'many/more', 'group/more']) {
        const added = await createSource(path, {
          internalPath,
          shape: [20, 30],
          dtype: 'float16',
          chunks: [8, 8],
          fillValue: 1.5,
          attrs: { b: 'two' }
        })
        await added.set([slice(3, 19), 5], -2)
        await added.close()
        const again = await openSource(path, { internalPath })
        expect([await again.get([2, 5]), await again.get([3, 5]), again.attrs]).toEqual([1.5, -2, { b: 'two' }])
      }
      expect(await codeOf(() => createSource(path, { internalPath: 'added', shape: [2], dtype: 'int8' }))).toBe('ERR_ALREADY_EXISTS')
      const replaced = await createSource(path, { internalPath: 'added', shape: [2], dtype: 'int8', overwrite: true })
      await replaced.set([1], -7)
      expect(toNested(await replaced.get())).toEqual([0, -7])
      await replaced.close()
      for (const { internalPath, shape, problem } of await listArrays(path)) {
        if (shape.join() !== '6,7,8' || problem !== undefined || internalPath === 'no_chunks') continue
        expect(toNested(await (await openSource(path, { internalPath })).get()), internalPath).toEqual(toNested(reference))
      }
    }
  })

  it('is refused to what would lose values, and changes nothing then', async () => {
    const source = await createSource(join(folder, 'lossy.h5'), { internalPath: 'a', shape: [4], dtype: 'uint16' })
    await source.set([], Uint16Array.of(1, 2, 3, 4))
    expect(await codeOf(() => source.set([], Float32Array.of(1.7, -1, 70000, 0)))).toBe('ERR_DTYPE_MISMATCH')
    expect(await codeOf(() => source.set([slice(2, 9)], Uint16Array.of(1, 2, 3, 4)))).toBe('ERR_SHAPE_MISMATCH')
    expect(await codeOf(() => source.set([0], 70000))).toBe('ERR_DTYPE_MISMATCH')
    expect(toNested(await source.get())).toEqual([1, 2, 3, 4])
    await source.close()
  })

  it('is refused while another process writes', async () => {
    const path = join(folder, 'locked.h5')
    const source = await createSource(path, { internalPath: 'a', shape: [4], dtype: 'uint16' })
    await source.close()
    const lock = (process: string, writing: boolean): void =>
      writeFileSync(`${path}.lock`, JSON.stringify({ id: 'other', process, note: { writing } }))
    lock(processIdentity(), false)
    expect(await codeOf(() => openSource(path, { internalPath: 'a', mode: 'r+' }))).toBe('ERR_ACCESS_DENIED')
    // A process that was killed while it wrote.
    const { hostname } = await import('node:os')
    lock(`${hostname()} ${2 ** 22 + 1} 1`, true)
    expect(await codeOf(() => openSource(path, { internalPath: 'a' }))).toBe('ERR_CORRUPT_DATA')
    lock(`${hostname()} ${2 ** 22 + 1} 1`, false)
    await (await openSource(path, { internalPath: 'a', mode: 'r+' })).close()
    // The lock of another program.
    writeFileSync(`${path}.lock`, 'mine')
    expect(await codeOf(() => openSource(path, { internalPath: 'a', mode: 'r+' }))).toBe('ERR_ACCESS_DENIED')
  })
})

describe('a remote file', () => {
  it('of 10 GiB is written, and read by few and small requests', async () => {
    const path = join(folder, 'large.h5')
    const { open } = await import('node:fs/promises')
    const source = await createSource(path, {
      internalPath: 'g/a',
      shape: [2048, 1024, 2560],
      dtype: 'uint16',
      chunks: [64, 64, 64],
      gzip: 0
    })
    await source.set([slice(0, 64), slice(0, 64), slice(0, 64)], 1)
    await source.close()
    // The next chunks come to lie behind 10 GiB of nothing.
    const handle = await open(path, 'r+')
    const { size } = await handle.stat()
    const superblock = new DataView(new ArrayBuffer(48))
    await handle.read(new Uint8Array(superblock.buffer), 0, 48, 0)
    superblock.setBigUint64(28, BigInt(size) + 10n * 2n ** 30n, true)
    const { lookup3 } = await import('../src/structure/lookup3.js')
    superblock.setUint32(44, lookup3(new Uint8Array(superblock.buffer, 0, 44)), true)
    await handle.write(new Uint8Array(superblock.buffer), 0, 48, 0)
    await handle.truncate(size + 10 * 2 ** 30)
    await handle.close()
    const again = await openSource(path, { internalPath: 'g/a', mode: 'r+' })
    await again.set([slice(1984, 2048), slice(960, 1024), slice(2496, 2560)], 9)
    expect(await again.get([2047, 1023, 2559])).toBe(9)
    expect(await again.get([0, 0, 0])).toBe(1)
    await again.close()

    let requests = 0
    let bytes = 0
    const file = await open(path, 'r')
    const { size: whole } = await file.stat()
    const server = createServer(async (request, response) => {
      requests++
      const [, first, last] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? []
      const start = Number(first ?? 0)
      const end = first === undefined ? whole - 1 : Math.min(Number(last), whole - 1)
      const head = { 'accept-ranges': 'bytes', 'content-length': end - start + 1, 'content-range': `bytes ${start}-${end}/${whole}` }
      response.writeHead(first === undefined ? 200 : 206, head)
      if (request.method === 'HEAD') {
        response.end()
        return
      }
      const part = new Uint8Array(end - start + 1)
      await file.read(part, 0, part.length, start)
      bytes += part.length
      response.end(part)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    try {
      const remote = await openSource(`http://127.0.0.1:${port}/large.h5`, { internalPath: 'g/a' })
      const region = await remote.get([slice(2000, 2040), slice(1000, 1020), slice(2500, 2550)])
      expect(new Set(bytesOf(region.data))).toEqual(new Set([9, 0]))
      expect(await remote.get([2047, 1023, 2559])).toBe(9)
      expect(requests).toBeLessThan(20)
      expect(bytes - 2 * 64 ** 3).toBeLessThan(2 ** 20)
    } finally {
      server.closeAllConnections()
      server.close()
      await file.close()
    }
  })
})
