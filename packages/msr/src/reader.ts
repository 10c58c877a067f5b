import { type OpenRequest, SourceError } from '@bioimage/core'
import { contiguousStride, defineSource, itemSizeOf, type StridedLayout, sizeOf, stridedAccess } from '@bioimage/core/backend'
import type { MsrSource } from './driver.js'
import { type MsrHeader, headerBytes, parseHeader } from './header.js'

/** Opens the array of a file. */
export async function open({ location, context, signal }: OpenRequest): Promise<MsrSource> {
  const { store, path } = location
  const size = await store.size('', { signal })
  const prefix = await store.get('', { range: { offset: 0, length: headerBytes }, signal })
  if (size === undefined || prefix === undefined) throw new SourceError('ERR_NOT_FOUND', `${path ?? 'the file'} does not exist`)
  const layout = layoutOf(parseHeader(prefix))
  const expected = headerBytes + sizeOf(layout.shape) * itemSizeOf(layout.dtype)
  if (size < expected) throw new SourceError('ERR_CORRUPT_DATA', `the file is cut: its header takes ${expected} bytes, found ${size}`)
  const source = defineSource({
    kind: 'msr',
    shape: layout.shape,
    dtype: layout.dtype,
    access: stridedAccess(store, layout, context.concurrency),
    ...(path !== undefined && { toSpec: () => ({ kind: 'msr', path }) }),
    readOnlyReason: 'this format is not written; copy it to a format that is, such as zarr'
  })
  return Object.assign(source, { kind: 'msr' as const })
}

/** Where the elements lie: in C order after the header. A transposed or reversed axis is a matter of strides. */
function layoutOf({ shape, dtype }: MsrHeader): StridedLayout {
  const strides = contiguousStride(shape).map((stride) => stride * itemSizeOf(dtype))
  return { shape, dtype, byteOrder: 'little', strides, parts: [{ key: '', offset: headerBytes }] }
}
