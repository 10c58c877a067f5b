import { codecRuntime } from '@bioimage/codecs'
import '@bioimage/codecs/image'
import {
  type ArrayInfo,
  type DType,
  type Json,
  type JsonObject,
  type ListRequest,
  type OpenRequest,
  SourceError,
  type SourceMetadata,
  type Store,
  specOf
} from '@bioimage/core'
import {
  arrayNotChosen,
  arrayNotFound,
  type ChunkStorage,
  chunkedAccess,
  defineSource,
  isDType,
  itemSizeOf,
  unreadableArray
} from '@bioimage/core/backend'
import { cubeKindOf } from './cube-kinds.js'
import { type CubeNames, cubePath } from './cube-names.js'
import { type DataSet, findCubes, findMagnifications, levelsOf, magnificationOf, openDataSet, voxelSizeOf } from './data-set.js'
import type { KnossosSource } from './driver.js'

const defaultFolder = 'mag1'
const defaultCube = [128, 128, 128]

/** One magnification, ready to be read. */
interface Magnification {
  readonly folder: string
  readonly shape: readonly number[]
  readonly cubes: readonly number[]
  readonly dtype: DType
  readonly names: CubeNames
  /** Whether a cube was found; else reads are refused. */
  readonly hasCubes: boolean
  readonly metadata: SourceMetadata
}

/** Opens a magnification. */
export async function open(request: OpenRequest): Promise<KnossosSource> {
  if (request.mode !== 'r') throw new SourceError('ERR_READ_ONLY', 'KNOSSOS data sets are only read; leave out `mode`')
  const dataSet = await openDataSet(request)
  const { store, configuration } = dataSet
  const folder = request.internalPath ?? (await chooseFolder(dataSet, request.signal))
  const magnification = await describe(dataSet, folder, request.params, request.signal)
  const { shape, dtype, cubes, names, hasCubes, metadata } = magnification
  const access = chunkedAccess(
    {
      shape,
      dtype,
      chunks: cubes,
      codecs: cubeKindOf(names.extension).codecs,
      fill: new Uint8Array(itemSizeOf(dtype)),
      storage: storageOf(store, magnification, request.params.missing === 'error'),
      identity: `${store.identity}\n${folder}\n${names.extension}`
    },
    codecRuntime,
    request.context
  )
  return defineSource(
    {
      kind: 'knossos',
      shape,
      dtype,
      chunks: cubes,
      attrs: configuration.attrs,
      metadata,
      access: {
        ...access,
        write: undefined,
        read: async (...read) => {
          if (!hasCubes)
            throw new SourceError('ERR_NOT_FOUND', `there are no cubes in ${folder}: the configuration was found without its data`)
          await access.read(...read)
        }
      },
      readOnlyReason: 'KNOSSOS data sets are only read; convert to a format that is written, such as zarr',
      toSpec: specOf('knossos', request, folder)
    },
    { kind: 'knossos' as const }
  )
}

/** Lists the magnifications. */
export async function list(request: ListRequest): Promise<readonly ArrayInfo[]> {
  const dataSet = await openDataSet(request)
  const folders = request.internalPath === undefined ? await findMagnifications(dataSet.store, request.signal) : [request.internalPath]
  const infos: ArrayInfo[] = []
  for (const folder of folders) {
    try {
      const { shape, dtype, cubes, names, metadata } = await describe(dataSet, folder, request.params, request.signal)
      infos.push({
        internalPath: folder,
        shape,
        dtype,
        chunks: cubes,
        shards: null,
        codecs: cubeKindOf(names.extension).codecs.map(({ id }) => id),
        metadata
      })
    } catch (error) {
      if (!(error instanceof SourceError) || (error.code !== 'ERR_UNSUPPORTED' && error.code !== 'ERR_CORRUPT_DATA')) throw error
      infos.push(unreadableArray(folder, error.message))
    }
  }
  return infos
}

async function chooseFolder({ store, configuration }: DataSet, signal: AbortSignal | undefined): Promise<string> {
  if (store.list === undefined) return defaultFolder
  const folders = await findMagnifications(store, signal)
  if (folders.includes(defaultFolder)) return defaultFolder
  const [first, ...others] = folders
  if (first !== undefined && others.length === 0) return first
  // A configuration alone still says what its data set is.
  if (first === undefined && configuration.extent !== undefined) return defaultFolder
  if (first === undefined)
    throw new SourceError(
      'ERR_NOT_FOUND',
      `${store.path ?? 'the folder'} holds no KNOSSOS cubes: there are no folders x0000/y0000/z0000 in it`
    )
  throw arrayNotChosen('knossos', store, '', `its arrays are ${folders.map((name) => JSON.stringify(name)).join(', ')}`)
}

async function describe(
  { store, configuration }: DataSet,
  folder: string,
  params: JsonObject,
  signal: AbortSignal | undefined
): Promise<Magnification> {
  const cubes = (configuration.cubeShape ?? defaultCube).toReversed()
  const { counts, names: found } = await findCubes(store, folder, signal)
  const hasCubes = found.length > 0
  if (!hasCubes && configuration.extent === undefined) throw arrayNotFound('knossos', store, folder, '')
  const names = hasCubes ? chooseNames(found, params.extension) : namesByConfiguration(folder, configuration, params.extension)
  const magnification = magnificationOf(folder)
  const ratio = configuration.isOrdinal ? 2 ** (magnification - 1) : magnification
  const extent = configuration.extent?.map((length) => Math.floor(length / ratio)).toReversed()
  const byExtent = extent !== undefined && (params.extent === 'conf' || !hasCubes)
  if (params.extent === 'conf' && extent === undefined)
    throw new SourceError('ERR_NOT_FOUND', 'there is no configuration with the extent of the data set; leave out `extent`')
  const shape = givenShape(params.shape) ?? (byExtent ? extent : counts.map((count, axis) => count * (cubes[axis] ?? 1)))
  const kind = cubeKindOf(names.extension)
  const voxelSize = voxelSizeOf(folder, configuration)
  const magnifications = store.list === undefined ? [] : await findMagnifications(store, signal)
  return {
    folder,
    shape,
    cubes,
    names,
    hasCubes: hasCubes || store.list === undefined,
    dtype: kind.dtype ?? (await rawDType(store, folder, names, cubes, counts, params.dtype, signal)),
    metadata: {
      axes: ['z', 'y', 'x'].map((name, axis) => ({
        name,
        type: 'space',
        ...(voxelSize !== undefined && { unit: 'nanometer', scale: voxelSize[axis] })
      })),
      ...(magnifications.length > 1 && { levels: levelsOf(magnifications, configuration) })
    }
  }
}

function chooseNames(found: readonly CubeNames[], extension: unknown): CubeNames {
  const chosen = extension === undefined ? found : found.filter((names) => names.extension === extension)
  const [first] = chosen
  const extensions = [...new Set(found.map((names) => names.extension))]
  if (first === undefined)
    throw new SourceError('ERR_NOT_FOUND', `there are no cubes ${JSON.stringify(extension)}; there are ${extensions.join(', ')}`)
  if (extension === undefined && extensions.length > 1) {
    throw new SourceError(
      'ERR_ARRAY_NOT_CHOSEN',
      `there are cubes of several kinds: ${extensions.join(', ')}; choose one by the option \`extension\``
    )
  }
  return first
}

function namesByConfiguration(folder: string, { name, extensions }: DataSet['configuration'], extension: unknown): CubeNames {
  const chosen = typeof extension === 'string' ? extension : extensions[0]
  if (name === undefined || chosen === undefined) {
    throw new SourceError('ERR_NOT_FOUND', 'the configuration does not say how cubes are called; give the option `extension`')
  }
  const last = folder.split('/').at(-1) ?? ''
  const mag = /^mag/.test(last) ? last : `mag${magnificationOf(folder)}`
  return { prefix: `${name.replace(/_mag[0-9]+$/, '')}_${mag}_`, separator: '_', extension: chosen, digits: 4 }
}

function givenShape(shape: Json | undefined): readonly number[] | undefined {
  if (!Array.isArray(shape)) return undefined
  const lengths = shape.filter((length: Json): length is number => typeof length === 'number' && length > 0)
  if (lengths.length === 3 && shape.length === 3) return lengths
  throw new SourceError('ERR_INVALID_ARGUMENT', `\`shape\` has three lengths above 0, along z, y, x, found [${shape.join(', ')}]`)
}

const bySize: Readonly<Record<number, DType>> = { 1: 'uint8', 2: 'uint16', 4: 'uint32', 8: 'uint64' }

/** Raw cubes do not say what they hold: their length does, or the caller. */
async function rawDType(
  store: Store,
  folder: string,
  names: CubeNames,
  cubes: readonly number[],
  counts: readonly number[],
  dtype: unknown,
  signal: AbortSignal | undefined
): Promise<DType> {
  if (typeof dtype === 'string' && isDType(dtype)) return dtype
  const voxels = cubes.reduce((product, length) => product * length, 1)
  const [depth = 0, height = 0, width = 0] = counts
  for (let at = 0; at < Math.min(depth * height * width, 100_000); at++) {
    const position = [Math.floor(at / (width * height)), Math.floor(at / width) % height, at % width]
    const size = await store.size(`${folder === '' ? '' : `${folder}/`}${cubePath(names, position)}`, { signal })
    if (size === undefined) continue
    const found = bySize[size / voxels]
    if (found !== undefined) return found
    throw new SourceError(
      'ERR_CORRUPT_DATA',
      `the cube ${cubePath(names, position)} has ${size} bytes, expected 1, 2, 4 or 8 for each of its ${voxels} voxels`
    )
  }
  return 'uint8'
}

function storageOf(store: Store, { folder, names }: Magnification, isMissingAnError: boolean): ChunkStorage {
  const keyOf = (position: readonly number[]): string => `${folder === '' ? '' : `${folder}/`}${cubePath(names, position)}`
  return {
    store,
    unitOf: keyOf,
    locate: async (position, { signal }) => {
      const key = keyOf(position)
      if (!isMissingAnError || (await store.size(key, { signal })) !== undefined) return { key }
      throw new SourceError('ERR_NOT_FOUND', `the cube ${key} does not exist; leave out \`missing\` to read zeros there`)
    }
  }
}
