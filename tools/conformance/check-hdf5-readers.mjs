// Reads one entry by @bioimage/hdf5 and by h5wasm: what both can read must be equal, byte for byte.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, failed, passed, unsupported } from './outcomes.mjs'
import { projectRoot } from './packages.mjs'
import { tryOpen, tryRead } from './reading.mjs'

/** Its entry for Node, which it exports to `import` alone, and not from here. */
const libraryFile = join(projectRoot, 'packages/hdf5/node_modules/h5wasm/dist/node/hdf5_hl.js')
let loading

/** A failed read throws, and the process is not used again: the library leaks what it had open. */
const load = async () => {
  const library = await import(pathToFileURL(libraryFile).href)
  const module = await library.ready
  module.activate_throwing_error_handler()
  return module
}

const integer = 0
const float = 1
const bitfield = 4
const enumeration = 8
const nbit = 5

/** Why h5wasm's answer tells nothing: it is known to be wrong there. */
const knownFault = ({ type, littleEndian, enum_type }, filters, dtype) => {
  if (![integer, float, bitfield, enumeration].includes(type) && !dtype.startsWith('complex')) return 'elements of another class'
  const big = littleEndian === false || enum_type?.littleEndian === false
  if (big && type !== integer && type !== float) return 'h5wasm does not convert the byte order of such elements'
  // Of floats that do not use all bits of their bytes it gives the stored bits, which are no IEEE number.
  if (type === float && filters.some(({ id }) => id === nbit)) return 'h5wasm does not convert such floats'
  return undefined
}

const readByLibrary = (module, path, internalPath, byteLength) => {
  const file = module.open(path, module.H5F_ACC_RDONLY, false, module.H5F_LIBVER_EARLIEST, module.H5F_LIBVER_LATEST)
  if (file <= 0n) throw new Error('h5wasm cannot open the file')
  const place = module._malloc(Math.max(1, byteLength))
  try {
    const metadata = module.get_dataset_metadata(file, internalPath)
    const filters = module.get_dataset_filters(file, internalPath)
    if (metadata.shape === null || byteLength === 0) return { metadata, filters, bytes: new Uint8Array(0) }
    if (module.get_dataset_data(file, internalPath, null, null, null, BigInt(place)) < 0) throw new Error('h5wasm cannot read the dataset')
    return { metadata, filters, bytes: module.HEAPU8.slice(place, place + byteLength) }
  } finally {
    module._free(place)
    module.close_file(file)
  }
}

export const checkHdf5Readers = async ({ core, entry, folder, onRead }) => {
  const path = join(folder, 'files', entry.path)
  const internalPath = entry.opens_as.internal_path ?? undefined
  const opened = await tryOpen(core, path, { format: 'hdf5', internalPath })
  if (opened.error !== undefined) return unsupported(describe(opened.error))
  const { source } = opened
  try {
    const read = await tryRead(source)
    onRead()
    if (read.error !== undefined) return unsupported(describe(read.error))
    const ours = core.bytesOf(read.array.data)
    loading ??= load()
    const module = await loading
    let theirs
    try {
      theirs = readByLibrary(module, path, internalPath, ours.byteLength)
    } catch (error) {
      loading = undefined
      return unsupported(`h5wasm: ${String(error?.message ?? error).split('\n')[0]}`)
    }
    const fault = knownFault(theirs.metadata, theirs.filters, read.array.dtype)
    if (fault !== undefined) return unsupported(fault)
    const at = theirs.bytes.findIndex((byte, index) => byte !== ours[index])
    return at < 0 ? passed() : failed(`byte ${at} is ${ours[at]}, h5wasm has ${theirs.bytes[at]} (${JSON.stringify(theirs.metadata)})`)
  } finally {
    await source.close()
  }
}
