import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { chmod, mkdir, readdir, readFile, readlink, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'vite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { fileSystemStore, isSourceError, type Store } from '../src/index.js'
import { codeOf } from './helpers/code-of.js'
import { settle } from './helpers/recording-store.js'
import { temporaryFolder } from './helpers/temporary-folder.js'

const digits = Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)

async function folderWith(files: Readonly<Record<string, Uint8Array>>): Promise<{ folder: string; store: Store }> {
  const folder = await temporaryFolder()
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true })
    await writeFile(join(folder, name), bytes)
  }
  return { folder, store: fileSystemStore(folder) }
}

/** Paths of the files that this process has open. */
async function openFiles(folder: string): Promise<string[]> {
  const links = await Promise.all((await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')))
  return links.filter((link) => link.startsWith(folder))
}

async function list(store: Store, folder = ''): Promise<string[]> {
  const names: string[] = []
  for await (const entry of store.list?.(folder) ?? []) names.push(entry.folder ? `${entry.name}/` : entry.name)
  return names.sort()
}

describe('get', () => {
  test('reads whole files, ranges and ends, cut where the file ends', async () => {
    const { store } = await folderWith({ 'a/x': digits })
    const read = async (range?: Parameters<Store['get']>[1]): Promise<number[] | undefined> => {
      const bytes = await store.get('a/x', range)
      return bytes === undefined ? undefined : Array.from(bytes)
    }
    expect(await read()).toEqual(Array.from(digits))
    expect(await read({ range: { offset: 2, length: 3 } })).toEqual([2, 3, 4])
    expect(await read({ range: { offset: 8, length: 5 } })).toEqual([8, 9])
    expect(await read({ range: { offset: 10, length: 5 } })).toEqual([])
    expect(await read({ range: { offset: 99, length: 5 } })).toEqual([])
    expect(await read({ range: { offset: 3, length: 0 } })).toEqual([])
    expect(await read({ range: { suffixLength: 3 } })).toEqual([7, 8, 9])
    expect(await read({ range: { suffixLength: 0 } })).toEqual([])
    expect(await read({ range: { suffixLength: 99 } })).toEqual(Array.from(digits))
  })

  test('reads a single file under the key ""', async () => {
    const { folder } = await folderWith({ x: digits })
    const store = fileSystemStore(join(folder, 'x'))
    expect((await store.get('', { range: { offset: 1, length: 1 } }))?.[0]).toBe(1)
    expect(await store.size('')).toBe(10)
    expect(await store.get('inside')).toBeUndefined()
    expect(await store.size('inside')).toBeUndefined()
  })

  test('reads into the memory it is given, also shared memory, if the result fits', async () => {
    const { store } = await folderWith({ x: digits })
    for (const buffer of [new ArrayBuffer(12), new SharedArrayBuffer(12)]) {
      const scratch = new Uint8Array(buffer, 1, 11)
      const bytes = await store.get('x', { scratch, range: { offset: 4, length: 5 } })
      expect(bytes?.buffer).toBe(buffer)
      expect(Array.from(new Uint8Array(buffer))).toEqual([0, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0])
      expect((await store.get('x', { scratch: scratch.subarray(0, 9) }))?.buffer).not.toBe(buffer)
    }
  })

  test('finds a file behind many that are not there, and tells a folder and a file as a folder from them', async () => {
    const { store, folder } = await folderWith({ 'a/x': digits })
    for (let round = 0; round < 3; round++) {
      for (let key = 0; key < 5; key++) expect(await store.get(`a/${key}`)).toBeUndefined()
      expect(await store.get('a/x')).toEqual(digits)
    }
    expect(await store.get('a/y')).toBeUndefined()
    expect(await store.get('a/x/0')).toBeUndefined()
    expect(await store.get('a')).toBeUndefined()
    await writeFile(join(folder, 'a/y'), digits)
    expect(await store.get('a/y')).toEqual(digits)
    await symlink('loop', join(folder, 'loop'))
    expect(await store.get('a/z')).toBeUndefined()
    await expect(store.get('loop')).rejects.toMatchObject({ code: 'ERR_IO' })
  })
  test('gives undefined for what is not there', async () => {
    const { store } = await folderWith({ 'a/x': digits })
    for (const key of ['b', 'a/y', 'a/x/deeper', 'a']) {
      expect(await store.get(key), key).toBeUndefined()
      expect(await store.size(key), key).toBeUndefined()
    }
    expect(await fileSystemStore('/nowhere/at/all').get('')).toBeUndefined()
  })

  test('of a folder in the place of a file says so', async () => {
    const { folder } = await folderWith({ 'a/x': digits })
    const error: unknown = await fileSystemStore(join(folder, 'a'))
      .get('')
      .catch((error: unknown) => error)
    expect(error).toMatchObject({ code: 'ERR_NOT_FOUND', message: expect.stringContaining('is a folder') })
  })

  test('checks the size that an object must have', async () => {
    const { store } = await folderWith({ x: digits })
    expect((await store.get('x', { objectSize: 10 }))?.byteLength).toBe(10)
    expect(await codeOf(store.get('x', { objectSize: 11, range: { offset: 0, length: 2 } }))).toBe('ERR_CORRUPT_DATA')
  })

  test.each(['with space', 'a#b', 'a?b', '100%', 'a%20b', 'ünï', 'back\\slash', '"quotes"', '.hidden', '...', 'a:b'])(
    'reads and writes a file named %s',
    async (name) => {
      const { folder, store } = await folderWith({})
      await store.set?.(`in ${name}/${name}`, digits)
      expect(await readFile(join(folder, `in ${name}`, name))).toHaveLength(10)
      expect((await store.get(`in ${name}/${name}`))?.byteLength).toBe(10)
      expect(await list(store, `in ${name}`)).toEqual([name])
    }
  )

  test.each(['../x', 'a/../../x', '..', 'a/..', 'nul\0'])('refuses the key %j, which would leave the folder', async (key) => {
    const { store } = await folderWith({ x: digits })
    expect(await codeOf(store.get(key))).toBe('ERR_INVALID_ARGUMENT')
    expect(await codeOf(store.size(key))).toBe('ERR_INVALID_ARGUMENT')
    expect(await codeOf(Promise.resolve(store.set?.(key, digits)))).toBe('ERR_INVALID_ARGUMENT')
    expect(await codeOf(Promise.resolve(store.delete?.(key)))).toBe('ERR_INVALID_ARGUMENT')
    expect(await codeOf(list(store, key))).toBe('ERR_INVALID_ARGUMENT')
  })

  test('an absolute key stays inside the folder', async () => {
    const { store } = await folderWith({ 'etc/x': digits })
    expect(await store.get('/etc/passwd')).toBeUndefined()
    expect((await store.get('/etc/x'))?.byteLength).toBe(10)
  })

  test('of an unreadable file is ERR_ACCESS_DENIED', async () => {
    const { folder, store } = await folderWith({ x: digits })
    await chmod(join(folder, 'x'), 0)
    await chmod(folder, 0o755)
    // The superuser may read anything: become nobody for a moment.
    const isSuperuser = process.getuid?.() === 0
    if (isSuperuser) process.seteuid?.(65534)
    try {
      expect(await codeOf(store.get('x'))).toBe('ERR_ACCESS_DENIED')
      expect(await codeOf(Promise.resolve(store.set?.('x', digits)))).toBe('ERR_ACCESS_DENIED')
    } finally {
      if (isSuperuser) process.seteuid?.(0)
    }
  })

  test('of a named pipe or a device is an error and does not hang', async () => {
    const { folder, store } = await folderWith({})
    await promisify(execFile)('mkfifo', [join(folder, 'pipe')])
    expect(await codeOf(store.get('pipe'))).toBe('ERR_UNSUPPORTED')
    expect(await store.size('pipe')).toBeUndefined()
    expect(await codeOf(fileSystemStore('/dev/zero').get('', { range: { offset: 0, length: 5 } }))).toBe('ERR_UNSUPPORTED')
  })

  test('of a file of terabytes is ERR_TOO_LARGE as a whole, and well in part', async () => {
    const { folder, store } = await folderWith({ x: digits })
    await truncate(join(folder, 'x'), 2 ** 43)
    expect(await codeOf(store.get('x'))).toBe('ERR_TOO_LARGE')
    expect(Array.from((await store.get('x', { range: { offset: 2 ** 42, length: 2 } })) ?? [])).toEqual([0, 0])
    expect((await store.get('x', { range: { suffixLength: 5 } }))?.byteLength).toBe(5)
  })

  test('follows symbolic links', async () => {
    const { folder, store } = await folderWith({ 'real/x': digits })
    await symlink(join(folder, 'real'), join(folder, 'link'))
    await symlink('/nowhere', join(folder, 'broken'))
    expect((await store.get('link/x'))?.byteLength).toBe(10)
    expect(await store.get('broken')).toBeUndefined()
    expect(await list(store)).toEqual(['broken', 'link/', 'real/'])
  })

  test('an aborted read rejects with the reason', async () => {
    const { store } = await folderWith({ x: digits })
    const controller = new AbortController()
    const reason = new Error('enough')
    const reading = store.get('x', { signal: controller.signal })
    controller.abort(reason)
    await expect(reading).rejects.toBe(reason)
    await expect(store.get('x', { signal: controller.signal })).rejects.toBe(reason)
  })
})

describe('open files', () => {
  test('are shared by reads at the same time and closed after the last, whether it went well or not', async () => {
    const { folder, store } = await folderWith({ x: new Uint8Array(1 << 20), y: digits })
    const reads = Array.from({ length: 50 }, (_, at) => store.get(at % 2 === 0 ? 'x' : 'y', { range: { offset: at, length: 1000 } }))
    const failures = Array.from({ length: 20 }, () => store.get('y', { objectSize: 3 }))
    const aborts = Array.from({ length: 20 }, () => {
      const controller = new AbortController()
      const reading = store.get('x', { signal: controller.signal })
      controller.abort()
      return reading
    })
    await Promise.allSettled([...reads, ...failures, ...aborts])
    await settle()
    await expect.poll(() => openFiles(folder)).toEqual([])
  })

  test('never show an old file: a read after a write sees it, however many other reads are under way', async () => {
    const { folder, store } = await folderWith({ x: new Uint8Array(4 << 20).fill(1) })
    const others = [store, fileSystemStore(folder)]
    let going = true
    const background = Promise.all(
      [0, 1, 2].map(async () => {
        while (going) await store.get('x')
      })
    )
    try {
      for (let value = 2; value < 30; value++) {
        await others[value % 2]?.set?.('x', new Uint8Array(4 << 20).fill(value))
        expect((await store.get('x', { range: { offset: 100, length: 1 } }))?.[0]).toBe(value)
      }
      await store.delete?.('x')
      expect(await store.get('x')).toBeUndefined()
    } finally {
      going = false
      await background
    }
    await expect.poll(() => openFiles(folder)).toEqual([])
  })
})

describe('set', () => {
  test('makes the folders above and leaves nothing else behind', async () => {
    const { folder, store } = await folderWith({})
    await store.set?.('a/b/c', digits)
    await store.set?.('a/b/c', digits.subarray(3))
    expect((await store.get('a/b/c'))?.byteLength).toBe(7)
    expect(await readdir(join(folder, 'a/b'))).toEqual(['c'])
  })

  test('takes names as long as the system does', async () => {
    const { store } = await folderWith({})
    const name = 'n'.repeat(255)
    await store.set?.(name, digits)
    expect((await store.get(name))?.byteLength).toBe(10)
    expect(await codeOf(Promise.resolve(store.set?.(`${name}n`, digits)))).toBe('ERR_IO')
  })

  test('a reader sees the old or the new object, never a part', async () => {
    const { store } = await folderWith({ x: new Uint8Array(500_000).fill(1) })
    let going = true
    const seen = new Set<string>()
    const reader = (async () => {
      while (going) {
        const bytes = (await store.get('x')) ?? new Uint8Array(0)
        seen.add(`${bytes.byteLength} bytes of ${new Set(bytes).size} kind`)
      }
    })()
    for (let value = 2; value < 40; value++) await store.set?.('x', new Uint8Array(500_000).fill(value))
    going = false
    await reader
    expect([...seen]).toEqual(['500000 bytes of 1 kind'])
  })

  test('of 20 that create one object if it is absent, one succeeds', async () => {
    const { folder, store } = await folderWith({})
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, at) => codeOf(Promise.resolve(store.set?.('x', Uint8Array.of(at), { ifAbsent: true }))))
    )
    expect(results.filter((code) => code === undefined)).toHaveLength(1)
    expect(results.filter((code) => code === 'ERR_ALREADY_EXISTS')).toHaveLength(19)
    expect((await store.get('x'))?.[0]).toBe(results.indexOf(undefined))
    expect(await readdir(folder)).toEqual(['x'])
  })

  test('where a file stands in the way of the folder is an error and leaves nothing', async () => {
    const { folder, store } = await folderWith({ a: digits })
    const inTheWay = { code: 'ERR_ALREADY_EXISTS', path: join(folder, 'a'), message: expect.stringContaining('is a file') }
    await expect(store.set?.('a/b', digits)).rejects.toMatchObject(inTheWay)
    await expect(store.set?.('a/b/c', digits)).rejects.toMatchObject(inTheWay)
    await expect(store.create?.('a/b', { size: 1, ifAbsent: true })).rejects.toMatchObject(inTheWay)
    await expect(store.create?.('a/b/c', { size: 1, ifAbsent: true })).rejects.toMatchObject(inTheWay)
    expect(await readdir(folder)).toEqual(['a'])
  })

  test('over a folder is an error and leaves it', async () => {
    const { folder, store } = await folderWith({ 'a/b': digits })
    expect(await codeOf(Promise.resolve(store.set?.('a', digits)))).toBe('ERR_IO')
    expect(await readdir(folder)).toEqual(['a'])
    expect(await store.size('a/b')).toBe(10)
  })

  test('that is aborted beforehand writes nothing', async () => {
    const { folder, store } = await folderWith({})
    const reason = new Error('enough')
    await expect(store.set?.('x', digits, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(await readdir(folder)).toEqual([])
  })

  test('by a process that is killed in the middle leaves the old or the new object', async () => {
    const folder = await temporaryFolder()
    const bundle = join(folder, 'bundle')
    await build({
      configFile: false,
      logLevel: 'silent',
      build: {
        outDir: bundle,
        minify: false,
        lib: { entry: fileURLToPath(new URL('../src/stores/file-system-store.ts', import.meta.url)), formats: ['es'], fileName: 'store' }
      }
    })
    const data = join(folder, 'data')
    const store = fileSystemStore(data)
    await store.set?.('deep/chunk', new Uint8Array(3_000_000).fill(251))
    const module = join(bundle, (await readdir(bundle)).find((name) => name.startsWith('store')) ?? '')
    const script = fileURLToPath(new URL('fixtures/endless-writer.mjs', import.meta.url))
    for (let round = 0; round < 6; round++) {
      const child = spawn(process.execPath, [script, module, data], { stdio: ['ignore', 'pipe', 'inherit'] })
      onTestFinished(() => void child.kill('SIGKILL'))
      await writes(child, 3 + round * 2)
      child.kill('SIGKILL')
      await new Promise((resolve) => child.once('exit', resolve))
      const bytes = (await store.get('deep/chunk')) ?? new Uint8Array(0)
      expect([bytes.byteLength, new Set(bytes).size]).toEqual([3_000_000, 1])
    }
    // What a killed process leaves beside it is named so that no format takes it for a chunk.
    const rest = (await readdir(join(data, 'deep'))).filter((name) => name !== 'chunk')
    for (const name of rest) expect(name).toMatch(/^__.*\.tmp$/)
  })
})

/** Waits until a child has written so many objects. */
async function writes(child: ChildProcess, count: number): Promise<void> {
  let seen = 0
  for await (const part of child.stdout ?? []) {
    seen += String(part).length
    if (seen >= count) return
  }
}

describe('create', () => {
  test('fills an object in any order and shows it at the commit', async () => {
    const { folder, store } = await folderWith({})
    const writer = await store.create?.('a/x', { size: 6, ifAbsent: true })
    await Promise.all([writer?.write(4, Uint8Array.of(5, 6)), writer?.write(0, Uint8Array.of(1))])
    const target = new Uint8Array(3)
    await writer?.read(3, target)
    expect(Array.from(target)).toEqual([0, 5, 6])
    expect(await store.get('a/x')).toBeUndefined()
    await writer?.commit()
    await writer?.abort()
    expect(Array.from((await store.get('a/x')) ?? [])).toEqual([1, 0, 0, 0, 5, 6])
    expect(await readdir(join(folder, 'a'))).toEqual(['x'])
  })

  test('that is aborted leaves nothing', async () => {
    const { folder, store } = await folderWith({})
    const writer = await store.create?.('x', { size: 6, ifAbsent: true })
    await writer?.write(0, digits.subarray(0, 6))
    await writer?.abort()
    await writer?.abort()
    expect(await readdir(folder)).toEqual([])
    expect(await openFiles(folder)).toEqual([])
  })

  test('fails at the commit if an object appeared meanwhile, and leaves that', async () => {
    const { folder, store } = await folderWith({})
    const writer = await store.create?.('x', { size: 2, ifAbsent: true })
    await store.set?.('x', digits)
    expect(await codeOf(Promise.resolve(writer?.commit()))).toBe('ERR_ALREADY_EXISTS')
    expect(await store.size('x')).toBe(10)
    expect(await readdir(folder)).toEqual(['x'])
  })
})

describe('list, delete, revision', () => {
  test('lists the direct children; nothing where there is no folder', async () => {
    const { store } = await folderWith({ 'a/x': digits, 'a/b/y': digits, z: digits })
    expect(await list(store)).toEqual(['a/', 'z'])
    expect(await list(store, 'a')).toEqual(['b/', 'x'])
    expect(await list(store, 'nowhere')).toEqual([])
    expect(await list(store, 'z')).toEqual([])
  })

  test('deletes files; what is not there is no error, a folder is', async () => {
    const { store } = await folderWith({ 'a/x': digits })
    await store.delete?.('nowhere')
    await store.delete?.('a/x/deeper')
    expect(await codeOf(Promise.resolve(store.delete?.('a')))).toBe('ERR_IO')
    await store.delete?.('a/x')
    expect(await store.get('a/x')).toBeUndefined()
  })

  test('the revision changes when a file is replaced', async () => {
    const { folder, store } = await folderWith({ x: digits, y: digits })
    const before = await store.revision?.('x')
    expect(before).toBeTypeOf('string')
    expect(await store.revision?.('x')).toBe(before)
    await rename(join(folder, 'y'), join(folder, 'x'))
    expect(await store.revision?.('x')).not.toBe(before)
    await rm(join(folder, 'x'))
    expect(await store.revision?.('x')).toBeUndefined()
  })
})

test('a relative path is made absolute', () => {
  expect(fileSystemStore('some/where')).toMatchObject({ path: join(process.cwd(), 'some/where'), remote: false })
  expect(fileSystemStore('/a/b/../c').identity).toBe(fileSystemStore('/a/c').identity)
})

test('errors of the system are SourceErrors with their path', async () => {
  const { store } = await folderWith({ 'a/b/c': digits })
  const error: unknown = await Promise.resolve(store.set?.('a/b', digits)).catch((error: unknown) => error)
  expect(isSourceError(error) && error.path).toContain('/a/b')
})
