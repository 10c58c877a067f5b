import 'vitest'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Address, with a slash at the end, of the server of the package's fixtures. */
    rangeServerUrl: string
    /** Folder that it serves, relative to the package. */
    rangeServerFolder: string
  }
}
