import type { Reader, SourceDriver } from './driver.js'
import { SourceError } from './errors.js'
import { shortJson } from './json.js'
import type { StoreDriver } from './stores/store.js'

/** The backends and store types that a program knows. */
export interface Registry {
  /** All drivers in the order of registration. */
  drivers(): readonly SourceDriver[]
  /** @throws ERR_UNKNOWN_KIND, naming the package to install. */
  driver(kind: string): SourceDriver
  /** The reader of a driver, loaded once. */
  reader(driver: SourceDriver): Promise<Reader>
  /** @throws ERR_DUPLICATE_KIND for a kind of another package, ERR_INCOMPATIBLE_DRIVER for another `api`. */
  register(driver: SourceDriver): void
  /** The store type of a URL scheme such as `"s3:"`. */
  storeDriver(scheme: string): StoreDriver | undefined
  registerStore(driver: StoreDriver): void
}

/** Packages of this family, to name one in the message about an unknown kind. */
const packages: Readonly<Record<string, string>> = {
  zarr: '@bioimage/zarr',
  n5: '@bioimage/n5',
  hdf5: '@bioimage/hdf5',
  mrc: '@bioimage/mrc',
  nifti: '@bioimage/nifti',
  tif: '@bioimage/tif',
  stack: '@bioimage/stack',
  knossos: '@bioimage/knossos',
  msr: '@bioimage/msr',
  cloudvolume: '@bioimage/cloudvolume',
  webknossos: '@bioimage/webknossos',
  wkw: '@bioimage/webknossos',
  wrapper: '@bioimage/wrappers'
}

/** A registry of its own, for tests and for servers that must not share backends. */
export function createRegistry(drivers: readonly SourceDriver[] = []): Registry {
  const registry = new DriverRegistry()
  for (const driver of drivers) registry.register(driver)
  return registry
}

const key: symbol = Symbol.for('@bioimage/core:registry@1')

/** The registry of the process: one, however many copies of this package are loaded. */
export function globalRegistry(): Registry {
  const holder: { [key]?: Registry } = globalThis
  holder[key] ??= new DriverRegistry()
  return holder[key]
}

/**
 * Makes a backend known to `openSource`, `fromSpec` and `asSource`. Importing a backend package does this.
 *
 * @throws ERR_DUPLICATE_KIND, ERR_INCOMPATIBLE_DRIVER
 */
export function registerSource(driver: SourceDriver, registry: Registry = globalRegistry()): void {
  registry.register(driver)
}

/** Makes a store type known, so that every backend opens its URLs. */
export function registerStore(driver: StoreDriver, registry: Registry = globalRegistry()): void {
  registry.registerStore(driver)
}

class DriverRegistry implements Registry {
  readonly #drivers = new Map<string, SourceDriver>()
  readonly #readers = new Map<SourceDriver, Promise<Reader>>()
  readonly #stores = new Map<string, StoreDriver>()

  drivers(): readonly SourceDriver[] {
    return [...this.#drivers.values()]
  }

  driver(kind: string): SourceDriver {
    const driver = this.#drivers.get(kind)
    if (driver !== undefined) return driver
    const known = [...this.#drivers.keys()].map((kind) => JSON.stringify(kind)).join(', ') || 'none'
    const name = Object.hasOwn(packages, kind) ? packages[kind] : undefined
    const cure = name === undefined ? 'import the package that provides it' : `install ${name} and \`import '${name}'\``
    throw new SourceError('ERR_UNKNOWN_KIND', `no backend for kind ${shortJson(kind)} is registered (registered: ${known}); ${cure}`, {
      kind: kind.slice(0, 80)
    })
  }

  reader(driver: SourceDriver): Promise<Reader> {
    let reader = this.#readers.get(driver)
    if (reader === undefined) {
      reader = driver.load()
      this.#readers.set(driver, reader)
      // A failed load (a lost connection, say) may be tried again.
      reader.catch(() => this.#readers.delete(driver))
    }
    return reader
  }

  register(driver: SourceDriver): void {
    if (driver.api !== 1) {
      throw new SourceError(
        'ERR_INCOMPATIBLE_DRIVER',
        `${driver.id} is made for version ${String(driver.api)} of the driver contract, this @bioimage/core has version 1; install versions that fit`,
        {
          kind: driver.kind
        }
      )
    }
    const present = this.#drivers.get(driver.kind)
    if (present !== undefined && present.id !== driver.id) {
      throw new SourceError(
        'ERR_DUPLICATE_KIND',
        `kind ${JSON.stringify(driver.kind)} is registered by ${present.id} already; ${driver.id} cannot take it too`,
        {
          kind: driver.kind
        }
      )
    }
    this.#drivers.set(driver.kind, driver)
  }

  storeDriver(scheme: string): StoreDriver | undefined {
    return this.#stores.get(scheme)
  }

  registerStore(driver: StoreDriver): void {
    for (const scheme of driver.schemes) {
      const present = this.#stores.get(scheme)
      if (present !== undefined && present.id !== driver.id) {
        throw new SourceError(
          'ERR_DUPLICATE_KIND',
          `${scheme} URLs are handled by ${present.id} already; ${driver.id} cannot take them too`
        )
      }
      this.#stores.set(scheme, driver)
    }
  }
}
