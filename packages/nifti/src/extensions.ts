import type { JsonObject } from '@bioimage/core'
import type { NiftiExtension } from './driver.js'

/** Codes whose content is text: AFNI, comment, CIFTI. */
const textCodes: ReadonlySet<number> = new Set([4, 6, 32])
const longestText = 64 << 10

/**
 * The extensions between header and voxels. What does not fit ends the list: nothing of the voxels depends on it.
 *
 * @param bytes From the four bytes on that say whether there are any, up to the voxels.
 */
export function parseExtensions(bytes: Uint8Array, littleEndian: boolean): readonly NiftiExtension[] {
  const extensions: NiftiExtension[] = []
  if (bytes[0] === undefined || bytes[0] === 0) return extensions
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 4; at + 8 <= bytes.byteLength; ) {
    const size = view.getInt32(at, littleEndian)
    if (size < 8 || at + size > bytes.byteLength) break
    extensions.push({ ecode: view.getInt32(at + 4, littleEndian), bytes: bytes.slice(at + 8, at + size) })
    at += size
  }
  return extensions
}

/** The extensions as plain JSON: code, length of the content, and what is text. */
export function extensionAttrs(extensions: readonly NiftiExtension[]): JsonObject[] {
  return extensions.map(({ ecode, bytes }) => {
    const text = textCodes.has(ecode) && bytes.byteLength <= longestText ? textOf(bytes) : undefined
    return { ecode, byteLength: bytes.byteLength, ...(text !== undefined && { text }) }
  })
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\0+$/, '')
  } catch {
    return undefined
  }
}
