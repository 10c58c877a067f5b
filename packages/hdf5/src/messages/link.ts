import { decodeText, type StructureReader, unsupported } from '../structure/structure-reader.js'

/** One name in a group. */
export type Link = { readonly name: string } & LinkTarget

/** Where a link leads: an object, a path from the group that holds the link, or a path in another file. */
export type LinkTarget =
  | { readonly type: 'hard'; readonly address: number }
  | { readonly type: 'soft'; readonly path: string }
  | { readonly type: 'external'; readonly file: string; readonly path: string }
  | { readonly type: 'unknown' }

/** Specification, "The Link Message". */
export function parseLink(fields: StructureReader): Link {
  fields.version(1)
  const flags = fields.u8()
  const type = flags & 8 ? fields.u8() : 0
  if (flags & 4) fields.skip(8)
  if (flags & 16) fields.skip(1)
  const name = decodeText(fields.take(fields.uint(1 << (flags & 3))))
  switch (type) {
    case 0:
      return { name, type: 'hard', address: fields.definedAddress() }
    case 1:
      return { name, type: 'soft', path: decodeText(fields.take(fields.u16())) }
    case 64: {
      const value = fields.part(fields.u16(), 'external link')
      const version = value.u8() >> 4
      if (version !== 0) throw unsupported(`version ${version} of external links is not known`)
      return { name, type: 'external', file: value.zeroTerminated(), path: value.zeroTerminated() }
    }
    default:
      return { name, type: 'unknown' }
  }
}

/** Where a group with many links keeps them (specification, "The Link Info Message"). */
export interface LinkInfo {
  readonly heapAddress: number | undefined
  readonly nameIndexAddress: number | undefined
}

export function parseLinkInfo(fields: StructureReader): LinkInfo {
  fields.version(0)
  const flags = fields.u8()
  if (flags & 1) fields.skip(8)
  return { heapAddress: fields.address(), nameIndexAddress: fields.address() }
}
