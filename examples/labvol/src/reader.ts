import { type OpenRequest, SourceError, specOf } from '@bioimage/core'
import { defineSource, stridedAccess } from '@bioimage/core/backend'
import type { LabvolSource } from './driver.js'
import { headerBytes, parseHeader } from './header.js'
import { fileBytesOf, layoutOf, metadataOf } from './layout.js'

export { create } from './create.js'

/** Opens the array of a file. */
export async function open(request: OpenRequest): Promise<LabvolSource> {
  const { location, mode, context, signal } = request
  const { store, path } = location
  if (mode !== 'r') {
    throw new SourceError('ERR_READ_ONLY', 'LabVol files are read, or written anew: leave out `mode`, or make a new file with createSource')
  }
  const [beginning, size] = await Promise.all([
    store.get('', { range: { offset: 0, length: headerBytes }, signal }),
    store.size('', { signal })
  ])
  if (beginning === undefined || size === undefined) throw new SourceError('ERR_NOT_FOUND', `${path ?? 'the file'} does not exist`)
  const header = parseHeader(beginning)
  const expected = fileBytesOf(header)
  if (size !== expected) throw new SourceError('ERR_CORRUPT_DATA', `a file with this header has ${expected} bytes, found ${size}`)
  const layout = layoutOf(header)
  const definition = {
    kind: 'labvol',
    shape: layout.shape,
    dtype: layout.dtype,
    attrs: header.notes,
    metadata: metadataOf(header),
    access: stridedAccess(store, layout, context.concurrency),
    readOnlyReason: 'LabVol files are written anew by createSource',
    toSpec: specOf('labvol', request, undefined)
  }
  return defineSource(definition, { kind: 'labvol' as const })
}
