import { isJsonObject, type Json, type JsonObject, SourceError } from '@bioimage/core'
import { corrupt, unsupported } from '../structure/structure-reader.js'

/** Where the bytes of a chunk are. */
export type ChunkReference = { readonly offset: number; readonly length: number } | { readonly bytes: Uint8Array }

/** A reference in the form of kerchunk: version 1, or the bare object of before. */
export class Reference {
  /** Bytes of the file when the reference was made; `undefined` in those of other writers. */
  readonly size: number | undefined
  readonly #refs: JsonObject
  readonly #templates: JsonObject
  readonly #name: string

  /**
   * @param name Last part of the path of the file: a reference to another one is refused.
   * @throws ERR_CORRUPT_DATA, ERR_UNSUPPORTED
   */
  constructor(document: Json | undefined, name: string) {
    if (!isJsonObject(document)) throw corrupt('the reference is not a JSON object')
    const { version, refs, templates, gen, bioimage } = document
    if (version !== undefined && version !== 1) throw unsupported(`version ${JSON.stringify(version)} of references is not known`)
    if (Array.isArray(gen) && gen.length > 0) throw unsupported('references with generated keys (`gen`) are not read')
    const entries = version === undefined ? document : refs
    if (!isJsonObject(entries)) throw corrupt('the reference has no `refs`')
    this.#refs = entries
    this.#templates = isJsonObject(templates) ? templates : {}
    this.#name = name
    this.size = isJsonObject(bioimage) && typeof bioimage.size === 'number' ? bioimage.size : undefined
  }

  /** Paths of all arrays, sorted. */
  arrays(): string[] {
    return Object.keys(this.#refs)
      .filter((key) => key === '.zarray' || key.endsWith('/.zarray'))
      .map((key) => key.slice(0, -'/.zarray'.length))
      .sort()
  }

  /** A document, which stands in the reference itself. */
  document(key: string): Uint8Array | undefined {
    const entry = this.#refs[key]
    if (entry === undefined) return undefined
    // Some writers leave documents as objects.
    if (isJsonObject(entry)) return new TextEncoder().encode(JSON.stringify(entry))
    if (typeof entry !== 'string') throw unsupported(`the document ${JSON.stringify(key)} does not lie in the reference itself`)
    return inlineBytes(entry, key)
  }

  /** @throws ERR_CORRUPT_DATA; ERR_UNSUPPORTED if the chunk lies in another file. */
  chunk(key: string): ChunkReference | undefined {
    const entry = this.#refs[key]
    if (entry === undefined) return undefined
    if (typeof entry === 'string') return { bytes: inlineBytes(entry, key) }
    const [path, offset, length] = Array.isArray(entry) ? entry : []
    if (typeof path !== 'string' || !isCount(offset) || !isCount(length))
      throw corrupt(`the entry ${JSON.stringify(key)} of the reference is no path, offset and length`)
    this.#checkPath(path, key)
    return { offset, length }
  }

  #checkPath(path: string, key: string): void {
    if (this.size !== undefined) return
    const whole = path.replace(/\{\{\s*(\w+)\s*\}\}/g, (found, name: string) => {
      const template = this.#templates[name]
      return typeof template === 'string' ? template : found
    })
    const name = whole.split(/[?#]/)[0]?.split(/[/\\]/).at(-1) ?? ''
    if (this.#name !== '' && name.toLowerCase() !== this.#name) {
      throw new SourceError(
        'ERR_UNSUPPORTED',
        `the reference has ${JSON.stringify(key)} in ${JSON.stringify(name)}, not in ${JSON.stringify(this.#name)}: only references to one file are read, by its name`,
        { kind: 'hdf5' }
      )
    }
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function inlineBytes(text: string, key: string): Uint8Array {
  if (!text.startsWith('base64:')) return new TextEncoder().encode(text)
  try {
    return Uint8Array.from(atob(text.slice('base64:'.length)), (character) => character.charCodeAt(0))
  } catch (cause) {
    throw corrupt(`the entry ${JSON.stringify(key)} of the reference is no base64`, cause)
  }
}
