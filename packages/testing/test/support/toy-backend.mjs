// A small chunked format for the suite's own tests: a folder with `toy.json` and one object per chunk. Its sources have the
// defect that their option `defect` names; the suite must find each. JavaScript, since a worker runs it as it is.
import { registerSource, SourceError, specOf, zeros } from '@bioimage/core'
import { chunkedAccess, defineSource, itemSizeOf, objectPerChunk } from '@bioimage/core/backend'

const utf8 = new TextEncoder()

const runtime = {
  coder: async ({ byteLength }) => ({
    decode(encoded, use) {
      if (encoded.byteLength !== byteLength)
        throw new SourceError('ERR_CORRUPT_DATA', `${encoded.byteLength} bytes, expected ${byteLength}`)
      return use(encoded)
    },
    encode: (decoded) => decoded
  })
}

const reader = {
  async open(request) {
    const { location, signal, params, context, mode } = request
    const { defect } = params
    const bytes = await location.store.get('toy.json', { signal: defect === 'open without signal' ? undefined : signal })
    if (bytes === undefined) throw new SourceError(defect === 'wrong code for missing' ? 'ERR_IO' : 'ERR_NOT_FOUND', 'there is no toy.json')
    if (defect === 'repairs while reading') await location.store.set?.('toy.json', bytes)
    let header
    try {
      header = JSON.parse(new TextDecoder().decode(bytes))
    } catch (cause) {
      throw new SourceError(defect === 'wrong code for damage' ? 'ERR_IO' : 'ERR_CORRUPT_DATA', 'toy.json is not JSON', { cause })
    }
    const { shape, dtype, chunks } = header
    const layout = {
      shape,
      dtype,
      chunks,
      codecs: [],
      fill: new Uint8Array(itemSizeOf(dtype)).fill(header.fill ?? 0),
      storage: objectPerChunk(location.store, (position) => ['c', ...position].join('.')),
      identity: location.store.identity
    }
    const access = withDefect(defect, chunkedAccess(layout, runtime, context), request, header)
    const toSpec = specOf('toy', request, undefined)
    const writable = defect === 'always writable' ? true : mode !== 'r' && location.store.set !== undefined
    const axes = shape.map((_, axis) => ({ name: `a${axis}`, type: defect === 'odd metadata' ? 'spatial' : 'space' }))
    return defineSource({
      kind: 'toy',
      shape,
      dtype,
      chunks: defect === 'odd chunks' ? chunks.slice(1) : chunks,
      attrs: {},
      metadata: { axes },
      writable,
      access,
      toSpec: toSpec && (() => brokenSpec(defect, toSpec()))
    })
  },
  async create(request) {
    const { location, shape, dtype, shards, fillValue = 0, params } = request
    const { defect } = params
    const refused =
      dtype.startsWith('complex') || (shards !== undefined && defect !== 'ignores shards') || (fillValue !== 0 && defect !== 'ignores fill')
    if (refused) throw new SourceError('ERR_UNSUPPORTED', 'the toy format has no complex numbers, shards or fill values')
    const chunks = request.chunks ?? shape.map((length) => Math.max(1, Math.ceil(length / 2)))
    const stored = defect === 'narrows dtypes' && dtype === 'float64' ? 'float32' : dtype
    await location.store.set('toy.json', utf8.encode(JSON.stringify({ shape, dtype: stored, chunks })))
    return reader.open({ ...request, mode: 'r+' })
  }
}

/** The access with a fault in it. */
function withDefect(defect, access, { location }, { shape }) {
  const { read, write } = access
  const last = shape.length - 1
  const swap = (list, at, value) => list.map((item, axis) => (axis === at ? value : item))
  switch (defect) {
    case 'reads planes at different moments':
      return {
        ...access,
        async read(region, out, options) {
          const rest = (list) => list.slice(1)
          for (let at = 0; at < (region.shape[0] ?? 1); at++) {
            const start = [(region.start[0] ?? 0) + at * (region.step[0] ?? 1), ...rest(region.start)].slice(0, region.start.length)
            const shape = [1, ...rest(region.shape)].slice(0, region.shape.length)
            const plane = { ...out, shape, offset: (out.offset ?? 0) + at * (out.stride[0] ?? 0) }
            await access.read({ start, shape, step: region.step }, plane, options)
          }
        }
      }
    case 'off by one':
      return {
        ...access,
        read(region, out, options) {
          const end = region.start[last] + (region.shape[last] - 1) * region.step[last] + 1
          const start = end < shape[last] && region.start[last] > 0 ? region.start[last] + 1 : region.start[last]
          return read({ ...region, start: swap(region.start, last, start) }, out, options)
        }
      }
    case 'ignores steps':
      return { ...access, read: (region, out, options) => read({ ...region, step: region.step.map(() => 1) }, out, options) }
    case 'ignores strides of out':
      return {
        ...access,
        async read(region, out, options) {
          const own = zeros(out.shape, out.dtype)
          await read(region, own, options)
          for (let at = 0; at < own.data.length; at++) out.data[at] = own.data[at]
        }
      }
    case 'one read at a time': {
      let busy = false
      return {
        ...access,
        async read(region, out, options) {
          const skip = busy
          busy = true
          await new Promise((resolve) => setImmediate(resolve))
          if (!skip) await read(region, out, options)
          busy = false
        }
      }
    }
    case 'ignores the signal':
      return { ...access, read: (region, out) => read(region, out, {}) }
    case 'derives a signal':
      return {
        ...access,
        read: (region, out, { signal }) => read(region, out, { signal: signal && AbortSignal.any([signal]) })
      }
    case 'zeros for errors':
      return {
        ...access,
        read: (region, out, options) =>
          read(region, out, options).catch((error) => {
            if (error.name === 'SourceError') return
            throw error
          })
      }
    case 'loses writes':
      return {
        ...access,
        async write(region, value, options) {
          // Reads the whole array, changes the region, writes everything back: no lock around the three steps.
          const whole = { start: shape.map(() => 0), shape, step: shape.map(() => 1) }
          const all = zeros(shape, value.dtype)
          await read(whole, all, options)
          const start = region.start.reduce((sum, at, axis) => sum + at * all.stride[axis], 0)
          const box = { ...all, shape: region.shape, offset: start }
          copyElements(value, box)
          await write(whole, all, options)
        }
      }
    case 'writes beside the region':
      return {
        ...access,
        async write(region, value, options) {
          await write(region, value, options)
          const beyond = region.start[last] + region.shape[last]
          if (beyond >= shape[last]) return
          const corner = { start: swap(region.start, last, beyond), shape: shape.map(() => 1), step: shape.map(() => 1) }
          await write(corner, zeros(corner.shape, value.dtype), options)
        }
      }
    case 'ignores strides of values':
      return {
        ...access,
        write: (region, value, options) =>
          write(
            region,
            {
              ...value,
              offset: 0,
              stride: zeros(value.shape, value.dtype).stride,
              data: value.data.length === 1 ? zeros(value.shape, value.dtype).data : value.data
            },
            options
          )
      }
    case 'changes the value':
      return {
        ...access,
        async write(region, value, options) {
          await write(region, value, options)
          new Uint8Array(value.data.buffer, value.data.byteOffset, value.data.byteLength).reverse()
        }
      }
    case 'remembers failures': {
      let failure
      return {
        ...access,
        async read(region, out, options) {
          if (failure !== undefined) throw failure
          try {
            await read(region, out, options)
          } catch (error) {
            failure = error
            throw error
          }
        }
      }
    }
    case 'close breaks others':
      return { ...access, close: () => location.store.delete(['c', ...shape.map(() => 0)].join('.')) }
    default:
      return access
  }
}

function brokenSpec(defect, spec) {
  if (defect === 'spec with a date') return { ...spec, params: { ...spec.params, opened: new Date(0) } }
  if (defect === 'spec with a hole') return { ...spec, internalPath: undefined }
  if (defect === 'spec of another array') return { ...spec, path: `${spec.path}-other` }
  if (defect === 'relative spec') return { ...spec, path: `./${spec.path.split('/').pop()}` }
  return spec
}

function copyElements(from, to) {
  const walk = (axis, source, target) => {
    if (axis === from.shape.length) {
      to.data[target] = from.data[source]
      return
    }
    for (let at = 0; at < from.shape[axis]; at++) walk(axis + 1, source + at * from.stride[axis], target + at * to.stride[axis])
  }
  walk(0, from.offset ?? 0, to.offset ?? 0)
}

export const toyDriver = {
  api: 1,
  kind: 'toy',
  id: 'bioimage-toy',
  extensions: ['.toy'],
  writable: true,
  layout: 'file',
  schema: { defect: 'string' },
  sniff: { markers: ['toy.json'], test: () => false },
  load: async () => reader
}

registerSource(toyDriver)
