import { type Context, isSourceError, openSource, type Source, SourceError, type Store } from '@bioimage/core'
import { openImageSlice } from './image-slice.js'
import { sliceExtensionOf } from './slice-names.js'
import { sliceStore } from './slice-store.js'

/**
 * Opens a slice as an array of its own: rows and columns, and channels where there are several; of a TIFF file its first series.
 *
 * @throws ERR_NOT_FOUND; ERR_UNSUPPORTED for other images; ERR_UNKNOWN_KIND for TIFF without `@bioimage/tif`; ERR_CORRUPT_DATA.
 */
export async function openSlice(folder: Store, key: string, context: Context, signal: AbortSignal | undefined): Promise<Source> {
  const extension = sliceExtensionOf(key)
  if (extension === undefined) {
    throw new SourceError('ERR_UNSUPPORTED', `${JSON.stringify(key)} is no slice: slices are .tif, .tiff, .png, .jpg and .jpeg`)
  }
  const store = sliceStore(folder, key)
  try {
    if (extension === '.png') return await openImageSlice(store, 'png', context, signal)
    if (extension === '.jpg' || extension === '.jpeg') return await openImageSlice(store, 'jpeg', context, signal)
    // By the registry, which says what to install and import where there is none.
    return await openSource(store, { format: 'tif', context, signal })
  } catch (error) {
    if (!isSourceError(error) || error.code === 'ERR_NOT_FOUND') throw error
    throw new SourceError(error.code, `the slice ${JSON.stringify(key)}: ${error.message}`, { cause: error })
  }
}
