import type { Source, SourceDriver, SpecBase, StoreEntry } from '@bioimage/core'
import { sliceExtensionOf } from './slice-names.js'

/** A spec of an image stack: `path` is the folder, `internalPath` the pattern of its slices. */
export interface StackSpec extends SpecBase<'stack'> {
  readonly path: string
}

/** The slices of a folder as one array; `attrs.files` holds their names in order. */
export interface StackSource extends Source {
  readonly kind: 'stack'
}

declare module '@bioimage/core' {
  interface SourceKinds {
    stack: { spec: StackSpec; source: StackSource }
  }
}

/** Driver of folders of slices. */
export const stack: SourceDriver<'stack'> = {
  api: 1,
  kind: 'stack',
  id: '@bioimage/stack',
  extensions: [],
  writable: false,
  layout: 'container',
  schema: { files: 'strings', sort: ['name', 'natural'], validate: 'boolean' },
  sniff: { folder: isStackFolder },
  load: () => import('./reader.js')
}

/** A folder of images in which there are no folders but hidden ones. */
function isStackFolder(entries: readonly StoreEntry[]): boolean {
  const visible = entries.filter(({ name }) => !name.startsWith('.'))
  return visible.some(({ name }) => sliceExtensionOf(name) !== undefined) && !visible.some(({ folder }) => folder)
}
