import { describe, expect, test, vi } from 'vitest'
import { createRegistry, globalRegistry, memoryStore, openSource, registerSource, registerStore, type StoreDriver } from '../src/index.js'
import { codeOf } from './helpers/code-of.js'
import { madeUpDriver } from './helpers/made-up-driver.js'

const bytes = new Uint8Array(4)

describe('drivers', () => {
  test('are found by kind, in the order of registration', () => {
    const drivers = ['b', 'a', 'c'].map((kind) => madeUpDriver(kind).driver)
    const registry = createRegistry(drivers)
    expect(registry.drivers()).toEqual(drivers)
    for (const driver of drivers) expect(registry.driver(driver.kind)).toBe(driver)
  })
  test('of one kind by two packages are refused, and both are named', () => {
    const registry = createRegistry([madeUpDriver('x').driver])
    const register = (): void => registry.register({ ...madeUpDriver('x').driver, id: 'another' })
    expect(register).toThrow(expect.objectContaining({ code: 'ERR_DUPLICATE_KIND', kind: 'x' }))
    expect(register).toThrow(/@made-up\/x.*another/)
    expect(registry.driver('x').id).toBe('@made-up/x')
  })
  test('of the same package are replaced, as a module does that is loaded anew', async () => {
    const [old, fresh] = [madeUpDriver('x'), madeUpDriver('x')]
    const registry = createRegistry([old.driver])
    await registry.reader(registry.driver('x'))
    registry.register(fresh.driver)
    expect(registry.drivers()).toEqual([fresh.driver])
    await openSource(memoryStore([['', bytes]]), { format: 'x', context: { registry } })
    expect([old.loads(), fresh.loads(), old.opened.length, fresh.opened.length]).toEqual([1, 1, 0, 1])
  })
  test('for another version of the contract are refused, naming both', () => {
    for (const api of [0, 2, '1', undefined]) {
      const driver = { ...madeUpDriver('x').driver, api: api as 1 }
      expect(() => createRegistry([driver])).toThrow(expect.objectContaining({ code: 'ERR_INCOMPATIBLE_DRIVER', kind: 'x' }))
      expect(() => createRegistry([driver])).toThrow(`version ${String(api)}`)
    }
  })
  test.each([
    ['zarr', '@bioimage/zarr'],
    ['hdf5', '@bioimage/hdf5'],
    ['wkw', '@bioimage/webknossos'],
    ['wrapper', '@bioimage/wrappers']
  ])('that are missing are named by their package: %s', (kind, name) => {
    const registry = createRegistry([madeUpDriver('present').driver])
    expect(() => registry.driver(kind)).toThrow(expect.objectContaining({ code: 'ERR_UNKNOWN_KIND', kind }))
    expect(() => registry.driver(kind)).toThrow(`install ${name} and \`import '${name}'\``)
    expect(() => registry.driver(kind)).toThrow('"present"')
  })
  test('of a kind that nobody knows have no package to name', () => {
    for (const kind of ['unheard-of', 'constructor', '__proto__']) {
      expect(() => createRegistry().driver(kind)).toThrow(/registered: none.*import the package that provides it/)
    }
  })
})

describe('readers', () => {
  test('are loaded at the first use, once', async () => {
    const { driver, loads } = madeUpDriver('x')
    const registry = createRegistry([driver])
    expect(loads()).toBe(0)
    const open = () => openSource(memoryStore([['', bytes]]), { format: 'x', context: { registry } })
    await Promise.all([open(), open(), open()])
    expect(loads()).toBe(1)
  })
  test('whose loading failed are loaded again', async () => {
    const { driver } = madeUpDriver('x')
    let loads = 0
    const load = async (): ReturnType<typeof driver.load> => {
      if (loads++ === 0) throw new TypeError('the module could not be fetched')
      return driver.load()
    }
    const registry = createRegistry([{ ...driver, load }])
    const open = () => openSource(memoryStore([['', bytes]]), { format: 'x', context: { registry } })
    await expect(open()).rejects.toThrow('could not be fetched')
    expect((await open()).kind).toBe('x')
    expect(loads).toBe(2)
  })
})

describe('registries', () => {
  test('of their own know nothing of each other', async () => {
    const [mine, yours] = [createRegistry(), createRegistry()]
    registerSource(madeUpDriver('mine').driver, mine)
    expect(await codeOf(() => yours.driver('mine'))).toBe('ERR_UNKNOWN_KIND')
    expect(await codeOf(() => globalRegistry().driver('mine'))).toBe('ERR_UNKNOWN_KIND')
    // Another driver of the same kind has its place there.
    registerSource({ ...madeUpDriver('mine').driver, id: 'another' }, yours)
    expect([mine.driver('mine').id, yours.driver('mine').id]).toEqual(['@made-up/mine', 'another'])
  })
  test('of the process are one, however many copies of this package are loaded', async () => {
    vi.resetModules()
    const copy = await import('../src/index.js')
    expect(copy.registerSource).not.toBe(registerSource)
    const { driver } = madeUpDriver('made-by-a-copy')
    copy.registerSource(driver)
    expect(globalRegistry()).toBe(copy.globalRegistry())
    expect(globalRegistry().driver('made-by-a-copy')).toBe(driver)
    const source = await openSource(memoryStore([['', bytes]]), { format: 'made-by-a-copy' })
    expect(await copy.asSource(source)).toBe(source)
    expect(() => registerSource({ ...driver, id: 'another' })).toThrow(expect.objectContaining({ code: 'ERR_DUPLICATE_KIND' }))
  })
})

describe('stores of URL schemes', () => {
  const storeDriver = (id: string): StoreDriver => ({
    id,
    schemes: ['tape:', 'drum:'],
    open: async (url) => ({ path: url.href, identity: url.href, remote: true, get: async () => bytes, size: async () => bytes.byteLength })
  })
  test('open the URLs of their schemes for every backend', async () => {
    const registry = createRegistry([madeUpDriver('x').driver])
    registerStore(storeDriver('tapes'), registry)
    for (const path of ['tape://reel/a.x', 'DRUM://reel/a.x']) {
      const source = await openSource(path, { context: { registry } })
      expect(source.toSpec()).toMatchObject({ kind: 'x', path: path.toLowerCase() })
    }
  })
  test('are replaced by their own package only', async () => {
    const registry = createRegistry()
    registerStore(storeDriver('tapes'), registry)
    const fresh = storeDriver('tapes')
    registerStore(fresh, registry)
    expect(registry.storeDriver('drum:')).toBe(fresh)
    expect(await codeOf(() => registerStore(storeDriver('others'), registry))).toBe('ERR_DUPLICATE_KIND')
  })
  test('that are missing are named by their package', async () => {
    const context = { registry: createRegistry() }
    await expect(openSource('s3://bucket/x', { context })).rejects.toThrow("install @bioimage/s3 and `import '@bioimage/s3'`")
    expect(await codeOf(openSource('s3://bucket/x', { context }))).toBe('ERR_UNSUPPORTED')
    expect(await codeOf(openSource('tape://reel/x', { context }))).toBe('ERR_UNSUPPORTED')
  })
})
