const fileMagic = 'OMAS_BF\n\xff\xff'

/** Whether a file begins as OBF. */
export function isObf(prefix: Uint8Array): boolean {
  return beginsWith(prefix, fileMagic)
}

/**
 * Whether a file is the other format that is called `.msr`: what Imspector Pro of LaVision BioTec saves, an archive of the Microsoft
 * Foundation Classes. It has no magic; the names of its classes stand at its beginning.
 */
export function isImspectorArchive(prefix: Uint8Array): boolean {
  return new TextDecoder('latin1').decode(prefix).includes('CDataStack')
}

/** Whether bytes begin with a text, of which every character is a byte. */
export function beginsWith(bytes: Uint8Array, text: string): boolean {
  return Array.from(text).every((character, at) => bytes[at] === character.charCodeAt(0))
}
