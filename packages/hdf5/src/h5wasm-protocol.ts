/** What the worker with h5wasm is asked to do. Shapes and offsets count elements. */
export type LibraryTask =
  | { readonly task: 'open'; readonly path: string; readonly writable: boolean }
  | {
      readonly task: 'read'
      readonly dataset: string
      readonly start: readonly number[]
      readonly shape: readonly number[]
      readonly step: readonly number[]
      readonly byteLength: number
    }
  /** JSON of the shape and the sources of a virtual dataset. */
  | { readonly task: 'sources'; readonly dataset: string }
  | {
      readonly task: 'write'
      readonly dataset: string
      readonly start: readonly number[]
      readonly shape: readonly number[]
      readonly bytes: Uint8Array
    }
  /** Makes groups and then a dataset of one byte. */
  | { readonly task: 'placeholder'; readonly groups: readonly string[]; readonly dataset: string }
  | { readonly task: 'flush' }
  | { readonly task: 'close' }

export interface LibraryRequest {
  readonly id: number
  readonly task: LibraryTask
}

export type LibraryReply =
  | { readonly id: number; readonly bytes: Uint8Array | undefined }
  | { readonly id: number; readonly error: string; readonly missing?: boolean | undefined }
