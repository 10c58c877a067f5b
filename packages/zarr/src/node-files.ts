import { isJsonObject, type JsonObject, joinKey, type Store } from '@bioimage/core'
import { maximalDocument, parseDocument } from '@bioimage/core/backend'
import type { ArrayMetadata } from './array-metadata.js'
import { parseArrayV2 } from './metadata-v2.js'
import { parseNodeV3 } from './metadata-v3.js'

/** An array or group of a container. */
export type ZarrNode =
  | { readonly type: 'array'; readonly path: string; readonly array: ArrayMetadata }
  | {
      readonly type: 'group'
      readonly path: string
      readonly zarrFormat: 2 | 3
      readonly attributes: JsonObject
      readonly consolidated: JsonObject | undefined
    }

/** How to read a node. */
export interface NodeOptions {
  /** Separator of v2 chunk keys, overriding the document. */
  readonly separator?: '.' | '/' | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Reads the node at a path; `undefined` if there is none. Where a path has documents of both versions, v3 wins.
 *
 * @throws ERR_CORRUPT_DATA, ERR_UNSUPPORTED
 */
export async function readNode(store: Store, path: string, options: NodeOptions): Promise<ZarrNode | undefined> {
  const read = (name: string): Promise<JsonObject | undefined> => readDocument(store, joinKey(path, name), options.signal)
  // Every request at once: over a network one round trip counts more than one request.
  const [node, array, group, attributes] = store.remote
    ? await Promise.all([read('zarr.json'), read('.zarray'), read('.zgroup'), read('.zattrs')])
    : [await read('zarr.json'), undefined, undefined, undefined]
  if (node !== undefined) return nodeV3(path, node)
  const arrayDocument = store.remote ? array : await read('.zarray')
  if (arrayDocument !== undefined) {
    const userAttributes = store.remote ? attributes : await read('.zattrs')
    return { type: 'array', path, array: parseArrayV2(arrayDocument, userAttributes ?? {}, options.separator) }
  }
  const groupDocument = store.remote ? group : await read('.zgroup')
  if (groupDocument === undefined) return undefined
  const userAttributes = store.remote ? attributes : await read('.zattrs')
  return { type: 'group', path, zarrFormat: 2, attributes: userAttributes ?? {}, consolidated: undefined }
}

/** The node that a consolidated v2 document holds at a path. */
export function consolidatedNodeV2(documents: JsonObject, path: string, options: NodeOptions): ZarrNode | undefined {
  const member = (name: string): JsonObject | undefined => objectOf(documents[joinKey(path, name)])
  const array = member('.zarray')
  const attributes = member('.zattrs') ?? {}
  if (array !== undefined) return { type: 'array', path, array: parseArrayV2(array, attributes, options.separator) }
  return member('.zgroup') === undefined ? undefined : { type: 'group', path, zarrFormat: 2, attributes, consolidated: undefined }
}

/** The node that a `zarr.json` document describes. */
export function nodeV3(path: string, document: JsonObject): ZarrNode {
  const node = parseNodeV3(document)
  if (node.type === 'array') return { type: 'array', path, array: node.array }
  return { type: 'group', path, zarrFormat: 3, attributes: node.attributes, consolidated: node.consolidated }
}

/** A metadata document; `undefined` if there is none. */
export async function readDocument(store: Store, key: string, signal: AbortSignal | undefined): Promise<JsonObject | undefined> {
  const bytes = await store.get(key, { signal, maxBytes: maximalDocument })
  return bytes === undefined ? undefined : parseNodeDocument(bytes, key)
}

/** Parses a metadata document. Fill values stay exact; attributes of that name are attributes. */
export function parseNodeDocument(bytes: Uint8Array, key: string): JsonObject {
  const isAttributes = (path: string): boolean => path === '.zattrs' || path.endsWith('/.zattrs')
  return parseDocument(bytes, key, (names) => {
    if (names.at(-1) !== 'fill_value' || isAttributes(key)) return false
    const [first, second, third] = names
    if (names.length === 1) return true
    // Consolidated documents of v2 and v3.
    if (names.length === 3) return first === 'metadata' && second !== undefined && !isAttributes(second)
    return names.length === 4 && first === 'consolidated_metadata' && second === 'metadata' && third !== undefined
  })
}

function objectOf(value: JsonObject[string]): JsonObject | undefined {
  return isJsonObject(value) ? value : undefined
}
