import { defineSource, itemSizeOf, stridedAccess } from '../../src/backend.js'
import { type Source, type SourceDriver, SourceError, specOf } from '../../src/index.js'

const shape = [6, 7, 8]
const dtype = 'uint16'

/** The smallest backend there is: the elements of one array of [6, 7, 8] uint16 and nothing else, at the key `internalPath`. */
export const rawDriver: SourceDriver<'raw'> = {
  api: 1,
  kind: 'raw',
  id: '@made-up/raw',
  extensions: ['.raw', '.zip'],
  writable: false,
  layout: 'container',
  schema: {},
  async load() {
    return {
      async open(request): Promise<Source> {
        const { location, internalPath: key = '', context, signal } = request
        const size = await location.store.size(key, { signal })
        if (size === undefined) throw new SourceError('ERR_NOT_FOUND', `there is no ${JSON.stringify(key)}`)
        if (size !== 336 * itemSizeOf(dtype)) throw new SourceError('ERR_CORRUPT_DATA', `${size} bytes are no array of 336 elements`)
        const layout = { shape, dtype, byteOrder: 'little', strides: [112, 16, 2], parts: [{ key, offset: 0 }] } as const
        const access = stridedAccess(location.store, layout, context.concurrency)
        return defineSource({ kind: 'raw', shape, dtype, access, toSpec: specOf('raw', request, request.internalPath) })
      }
    }
  }
}
