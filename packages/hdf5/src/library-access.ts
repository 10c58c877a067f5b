import { isJsonObject, type Json, type NdArray, type Region, SourceError, type Store } from '@bioimage/core'
import {
  bytesOf,
  contiguousStride,
  copyStrided,
  itemSizeOf,
  type RegionAccess,
  siblingStore,
  sizeOf,
  withLock
} from '@bioimage/core/backend'
import type { ContainerRequest } from './container.js'
import type { NumericDataset } from './dataset.js'
import { LibraryFile } from './h5wasm-library.js'
import { withMeaningfulBits } from './odd-integers.js'
import { piecesOf } from './pieces.js'
import { corrupt, unsupported } from './structure/structure-reader.js'

/** Why a dataset is read by h5wasm and not by range; `undefined` if it is read by range. */
export function reasonForLibrary({ layout }: NumericDataset): string | undefined {
  return layout.class === 'virtual' ? 'the dataset is virtual: its elements lie in other datasets' : undefined
}

export interface LibraryAccessOptions {
  readonly store: Store
  readonly request: ContainerRequest
  readonly path: string
  readonly dataset: NumericDataset
  readonly reason: string
  readonly anywhere: boolean
}

/** An access and the shape, which of virtual datasets without a limit only the library knows. */
export interface LibraryAccess {
  readonly shape: readonly number[]
  readonly access: RegionAccess
}

/**
 * Reads a dataset of a local file through h5wasm.
 *
 * @throws ERR_UNSUPPORTED for other files; ERR_NOT_FOUND if a virtual dataset lacks one of its files, which the library would read
 *   as fill value without a word.
 */
export async function libraryAccess(options: LibraryAccessOptions): Promise<LibraryAccess> {
  const { store, path, dataset, reason } = options
  const filePath = store.path
  if (filePath === undefined || store.remote || globalThis.process === undefined) {
    throw unsupported(`${reason}, which is read from local files in Node only`)
  }
  const { numeric } = dataset
  if (
    numeric.byteOrder === 'big' &&
    dataset.type.class !== 'integer' &&
    dataset.type.class !== 'float' &&
    dataset.type.class !== 'bitfield'
  ) {
    throw unsupported(`${reason}, and h5wasm does not convert the byte order of such elements`)
  }
  const shape = await withLibrary(filePath, (library) => checkSources(library, options))
  const access: RegionAccess = {
    read: (region, out, { signal }) => withLibrary(filePath, (library) => readRegion(library, path, region, out, signal))
  }
  return { shape, access: withMeaningfulBits(access, numeric) }
}

/** Opens the file for one piece of work: nothing stays open, and what others wrote meanwhile is seen. */
async function withLibrary<T>(path: string, work: (library: LibraryFile) => Promise<T>): Promise<T> {
  return withLock(`hdf5 library:${path}`, async () => {
    const library = new LibraryFile(path, false)
    try {
      return await work(library)
    } finally {
      await library.close()
    }
  })
}

async function readRegion(
  library: LibraryFile,
  dataset: string,
  region: Region,
  out: NdArray,
  signal: AbortSignal | undefined
): Promise<void> {
  const itemSize = itemSizeOf(out.dtype)
  for (const piece of piecesOf({ start: region.start.map(() => 0), shape: region.shape }, null, itemSize)) {
    signal?.throwIfAborted()
    const start = piece.start.map((at, axis) => (region.start[axis] ?? 0) + at * (region.step[axis] ?? 1))
    const byteLength = sizeOf(piece.shape) * itemSize
    const bytes = await library.run({ task: 'read', dataset, start, shape: piece.shape, step: region.step, byteLength })
    if (bytes?.byteLength !== byteLength) throw corrupt(`h5wasm gave ${bytes?.byteLength ?? 'no'} bytes, expected ${byteLength}`)
    const at = piece.start.reduce((sum, from, axis) => sum + from * (out.stride[axis] ?? 0), out.offset ?? 0)
    copyStrided({
      shape: piece.shape,
      itemSize,
      source: bytes,
      sourceOffset: 0,
      sourceStrides: contiguousStride(piece.shape).map((stride) => stride * itemSize),
      destination: bytesOf(out.data),
      destinationOffset: at * itemSize,
      destinationStrides: out.stride.map((stride) => stride * itemSize)
    })
  }
}

/** Every file of a virtual dataset must exist, and lie where the file may refer to. Gives the shape. */
async function checkSources(library: LibraryFile, { request, path, anywhere }: LibraryAccessOptions): Promise<number[]> {
  const reply = await library.run({ task: 'sources', dataset: path })
  const answer: unknown = JSON.parse(new TextDecoder().decode(reply))
  if (!isJsonObject(answer) || !Array.isArray(answer.shape)) throw corrupt('h5wasm does not tell the shape of the virtual dataset')
  const sources: readonly Json[] = Array.isArray(answer.sources) ? answer.sources : []
  for (const source of sources) {
    const name = isJsonObject(source) ? source.file_name : undefined
    // "." is the file itself; "%" stands for a number: as many files as there are.
    if (typeof name !== 'string' || name === '.') continue
    const siblings = { location: request.location, context: request.context, anywhere }
    const store = await siblingStore(name.replaceAll('%b', '0'), siblings)
    if (!name.includes('%') && (await store.size('')) === undefined) {
      throw new SourceError('ERR_NOT_FOUND', `the virtual dataset has elements in ${JSON.stringify(name)}, which does not exist`, {
        kind: 'hdf5'
      })
    }
  }
  return answer.shape.map(Number)
}
