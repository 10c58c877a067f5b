/** How the files of the cubes of one magnification are called. */
export interface CubeNames {
  /** What stands before the indices: `e2006_mag1_`. */
  readonly prefix: string
  /** What stands between them: `_`, or nothing. */
  readonly separator: string
  readonly extension: string
  /** Digits that indices are filled up to, in files and in folders. */
  readonly digits: number
}

/** The index in the name of a folder: 12 for `x0012`. */
export function folderIndex(name: string, axis: 'x' | 'y' | 'z'): number | undefined {
  const [, digits] = new RegExp(`^${axis}([0-9]{1,9})$`).exec(name) ?? []
  return digits === undefined ? undefined : Number(digits)
}

/** How cubes are called, from the name of one; `undefined` for what is none. */
export function cubeNamesOf(name: string): CubeNames | undefined {
  const match = /^(.*?)x([0-9]{1,9})(_?)y[0-9]{1,9}\3z[0-9]{1,9}(\.[a-z0-9.]+)$/i.exec(name)
  if (match === null) return undefined
  const [, prefix = '', x = '', separator = '', extension = ''] = match
  return { prefix, separator, extension, digits: x.length }
}

/** Path of a cube below the folder of its magnification, by its position z, y, x. */
export function cubePath({ prefix, separator, extension, digits }: CubeNames, position: readonly number[]): string {
  const [z = 0, y = 0, x = 0] = position
  const parts = [`x${pad(x, digits)}`, `y${pad(y, digits)}`, `z${pad(z, digits)}`]
  return `${parts.join('/')}/${prefix}${parts.join(separator)}${extension}`
}

function pad(index: number, digits: number): string {
  return String(index).padStart(digits, '0')
}
