// The JavaScript libraries behind one set of functions, so that the same code measures them.
import { importPackage } from '../conformance/packages.mjs'

const cacheBytes = 128 << 20

/** Our packages for Zarr; for the formats of ../bench-files, whose array is called `data`. */
const oursFor = (format, internalPath) => async () => {
  const core = { ...(await importPackage('@bioimage/core')), ...(await importPackage('@bioimage/core/backend')) }
  await importPackage(`@bioimage/${format}`)
  // A new cache for every opening: nothing decoded in one round is there in the next.
  const open = (path, mode = 'r') =>
    core.openSource(path, { format, internalPath, mode, context: { cache: new core.ChunkCache(cacheBytes) } })
  const indexOf = ({ start, stop }) => start.map((from, axis) => (stop[axis] === null ? from : { start: from, stop: stop[axis] }))
  return {
    canReuse: true,
    canEncode: () => true,
    open,
    openForWriting: (path) => open(path, 'r+'),
    close: (source) => source.close(),
    whole: async (source, out) => (await source.get('...', { out })).data,
    box: async (source, box) => (await source.get(indexOf(box))).data,
    async write(path, { chunk, shard, codecs }, size, volume) {
      const source = await core.createSource(path, {
        format: 'zarr',
        shape: [size, size, size],
        dtype: 'uint16',
        chunks: [chunk, chunk, chunk],
        shards: shard === undefined ? undefined : [shard, shard, shard],
        codecs
      })
      await source.set('...', volume)
      await source.close()
    },
    writeBox: (source, box, elements) => source.set(indexOf(box), elements),
    /** Reads a whole chunk index, as measuring an array needs it. */
    index: (path) => core.listArrays(path, { measure: true })
  }
}

const zarrita = async () => {
  const zarr = await import('zarrita')
  const { default: FileSystemStore } = await import('@zarrita/storage/fs')
  const indexOf = ({ start, stop }) => start.map((from, axis) => (stop[axis] === null ? from : zarr.slice(from, stop[axis])))
  const open = (path) => zarr.open(new FileSystemStore(path), { kind: 'array' })
  const stridesOf = (shape) => [shape[1] * shape[2], shape[2], 1]
  return {
    canEncode: ({ name }) => !['gzip', 'sharded'].includes(name),
    open,
    openForWriting: open,
    close: async () => {},
    whole: async (array) => (await zarr.get(array)).data,
    box: async (array, box) => (await zarr.get(array, indexOf(box))).data,
    async write(path, { chunk, v3 }, size, volume) {
      const shape = [size, size, size]
      const array = await zarr.create(new FileSystemStore(path), {
        shape,
        dtype: 'uint16',
        chunkShape: [chunk, chunk, chunk],
        codecs: [{ name: 'bytes', configuration: { endian: 'little' } }, ...v3],
        fillValue: 0
      })
      await zarr.set(array, null, { data: volume, shape, stride: stridesOf(shape) })
    },
    writeBox(array, box, data) {
      const shape = box.start.map((from, axis) => box.stop[axis] - from)
      return zarr.set(array, indexOf(box), { data, shape, stride: stridesOf(shape) })
    }
  }
}

export const libraries = { ours: oursFor('zarr'), hdf5: oursFor('hdf5', 'data'), n5: oursFor('n5', 'data'), zarrita }
