import { type Context, type NdArray, type Region, SourceError } from '@bioimage/core'
import { type RegionAccess, sizeOf } from '@bioimage/core/backend'
import { type ContainerRequest, findDataset, openFile } from './container.js'
import { asNumeric, type NumericDataset, parseDataset } from './dataset.js'
import { externalData } from './external-data.js'
import { datasetAccess } from './layout.js'
import { libraryAccess, reasonForLibrary } from './library-access.js'
import type { Hdf5File, ReadOptions } from './structure/hdf5-file.js'
import { gateOf } from './writing/file-gate.js'
import { checkNotLeftHalfWritten } from './writing/file-lock.js'

/** A dataset as the file has it now. */
export interface OpenedDataset {
  readonly file: Hdf5File
  readonly dataset: NumericDataset
  readonly access: RegionAccess
  /** State of the file when it was read: writes of this process, and what the file system says. */
  readonly state: string
}

let states = 0

/** Reads what the file says about a dataset. */
export async function openDataset(request: ContainerRequest, path: string): Promise<OpenedDataset> {
  const { location, context, signal } = request
  const { store } = location
  const state = await stateOf(request)
  if (!store.remote && store.path !== undefined && globalThis.process !== undefined) await checkNotLeftHalfWritten(store.path)
  const { file, header } = await findDataset(await openFile(request), path, request)
  const options = { signal }
  const dataset = asNumeric(await parseDataset(file, header, options), JSON.stringify(path))
  const byLibrary = reasonForLibrary(dataset)
  if (byLibrary !== undefined) {
    const anywhere = request.params.followOutside === true
    const { shape, access } = await libraryAccess({ store: file.store, request, path, dataset, reason: byLibrary, anywhere })
    return { file, dataset: { ...dataset, space: { ...dataset.space, shape } }, access, state }
  }
  const external = await externalOf(file, dataset, request, context, options)
  // Another name for every state of a file that may change: chunks of before must not come from a cache.
  const name = state === '' ? '' : `#${states++}`
  return {
    file,
    dataset,
    access: datasetAccess(file, dataset, { context, external, identity: `${file.store.identity}\n${path}${name}` }),
    state
  }
}

async function externalOf(file: Hdf5File, dataset: NumericDataset, request: ContainerRequest, context: Context, options: ReadOptions) {
  if (dataset.externalFiles === undefined) return undefined
  const siblings = { location: request.location, context, anywhere: request.params.followOutside === true }
  return externalData(file, dataset.externalFiles, sizeOf(dataset.space.shape) * dataset.type.size, siblings, options)
}

/**
 * Reads of a dataset whose file may change: before each, the state of the file is compared with that of before, and what is known of
 * it is read again if it differs.
 */
export class LiveDataset {
  readonly #request: ContainerRequest
  readonly #path: string
  #current: Promise<OpenedDataset>
  readonly #first: OpenedDataset

  constructor(request: ContainerRequest, path: string, opened: OpenedDataset) {
    this.#request = { ...request, signal: undefined }
    this.#path = path
    this.#first = opened
    this.#current = Promise.resolve(opened)
  }

  read(region: Region, out: NdArray, options: ReadOptions): Promise<void> {
    return gateOf(this.#request.location.store.identity).read(async () => {
      const { access } = await this.#fresh()
      await access.read(region, out, options)
    })
  }

  async close(): Promise<void> {
    const { access } = await this.#current
    await access.close?.()
  }

  async #fresh(): Promise<OpenedDataset> {
    const before = this.#current
    const opened = await before
    if (opened.state === (await stateOf(this.#request))) return opened
    if (this.#current === before) {
      this.#current = this.#reopen(opened)
      const reopening = this.#current
      reopening.catch(() => {
        if (this.#current === reopening) this.#current = before
      })
    }
    return this.#current
  }

  async #reopen(before: OpenedDataset): Promise<OpenedDataset> {
    const opened = await openDataset(this.#request, this.#path)
    const [one, other] = [this.#first.dataset, opened.dataset]
    if (one.numeric.dtype !== other.numeric.dtype || one.space.shape.join() !== other.space.shape.join()) {
      throw new SourceError(
        'ERR_IO',
        `${JSON.stringify(this.#path)} was replaced while it was open: it is ${other.numeric.dtype} [${other.space.shape.join(', ')}] now; open it again`,
        { kind: 'hdf5' }
      )
    }
    await before.access.close?.()
    return opened
  }
}

async function stateOf({ location }: ContainerRequest): Promise<string> {
  const { store } = location
  const revision = await store.revision?.('')
  const { generation } = gateOf(store.identity)
  return revision === undefined && generation === 0 ? '' : `${generation}|${revision}`
}
