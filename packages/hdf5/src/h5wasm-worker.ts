import type { LibraryReply, LibraryRequest, LibraryTask } from './h5wasm-protocol.js'

/**
 * The thread in which h5wasm runs. After an error of the library the thread must be ended: JavaScript exceptions leave its C code
 * without releasing descriptors and memory.
 */
type Library = typeof import('h5wasm/node')

let loading: Promise<Library> | undefined
let fileId = -1n

async function load(): Promise<Library> {
  const library = await import('h5wasm/node')
  const module = await library.ready
  // Without it a failed read gives memory that was never written, and no error.
  module.activate_throwing_error_handler()
  return library
}

async function run(task: LibraryTask): Promise<Uint8Array | undefined> {
  loading ??= load()
  const library = await loading
  const Module = await library.ready
  switch (task.task) {
    case 'open': {
      const mode = task.writable ? Module.H5F_ACC_RDWR : Module.H5F_ACC_RDONLY
      // The oldest format that holds what is written, so that every HDF5 reads it.
      fileId = Module.open(task.path, mode, false, Module.H5F_LIBVER_EARLIEST, Module.H5F_LIBVER_LATEST)
      if (fileId <= 0n) throw new Error(`the library cannot open ${task.path}`)
      return undefined
    }
    case 'read': {
      const place = allocate(Module, task.byteLength)
      try {
        const { shape, start, step } = task
        // A scalar has no hyperslab; it is read and written whole.
        const [count, offset, stride] = shape.length === 0 ? [null, null, null] : [big(shape), big(start), big(step)]
        const status = Module.get_dataset_data(fileId, task.dataset, count, offset, stride, BigInt(place))
        if (status < 0) throw new Error('the library cannot read the region')
        return Module.HEAPU8.slice(place, place + task.byteLength)
      } finally {
        Module._free(place)
      }
    }
    case 'sources': {
      const { shape, virtual_sources } = Module.get_dataset_metadata(fileId, task.dataset)
      return new TextEncoder().encode(JSON.stringify({ shape, sources: virtual_sources ?? [] }))
    }
    case 'write': {
      const place = allocate(Module, task.bytes.byteLength)
      try {
        Module.HEAPU8.set(task.bytes, place)
        const { shape, start } = task
        const [count, offset, stride] = shape.length === 0 ? [null, null, null] : [big(shape), big(start), start.map(() => 1n)]
        const status = Module.set_dataset_data(fileId, task.dataset, count, offset, stride, BigInt(place))
        if (status < 0) throw new Error('the library cannot write the region')
        return undefined
      } finally {
        Module._free(place)
      }
    }
    case 'placeholder': {
      for (const group of task.groups) Module.create_group(fileId, group, false)
      const place = Module._malloc(1)
      try {
        Module.HEAPU8[place] = 0
        const type = { type: 0, size: 1, signed: false, littleEndian: true, vlen: false, total_size: 1 }
        if (Module.create_dataset(fileId, task.dataset, BigInt(place), { ...type, shape: [1n], maxshape: null }) < 0) {
          throw new Error('the library cannot create the dataset')
        }
        return undefined
      } finally {
        Module._free(place)
      }
    }
    case 'flush':
      if (Module.flush(fileId) < 0) throw new Error('the library cannot store its changes')
      return undefined
    case 'close':
      if (fileId > 0n) Module.close_file(fileId)
      fileId = -1n
      return undefined
  }
}

/** Without memory the library would write to address 0. */
function allocate(module: { _malloc(bytes: number): number }, byteLength: number): number {
  const place = module._malloc(Math.max(1, byteLength))
  if (place === 0) throw new Error(`there is no memory for ${byteLength} bytes`)
  return place
}

function big(values: readonly number[]): bigint[] {
  return values.map(BigInt)
}

// Nothing else of this package is imported: the thread also runs beside sources that are not built.
const { parentPort } = process.getBuiltinModule('node:worker_threads')

parentPort?.on('message', async ({ id, task }: LibraryRequest) => {
  const answer = (reply: LibraryReply, transfer: ArrayBuffer[] = []): void => parentPort?.postMessage(reply, transfer)
  try {
    const bytes = await run(task)
    answer({ id, bytes }, bytes?.buffer instanceof ArrayBuffer ? [bytes.buffer] : [])
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    answer({ id, error: error instanceof Error ? error.message : String(error), missing: code === 'ERR_MODULE_NOT_FOUND' })
  }
})
