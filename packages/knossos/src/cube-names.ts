/** How the files of the cubes of one magnification are called, and their folders. */
export interface CubeNames {
  /** What stands before the indices: `e2006_mag1_`. */
  readonly prefix: string
  /** What stands between them: `_`, or nothing. */
  readonly separator: string
  /** As it is written: `.png`, `.PNG`. */
  readonly extension: string
  /** Digits that indices are filled up to in the names of files. */
  readonly digits: number
  /** The same in the names of folders. */
  readonly folderDigits: number
}

/** The index in the name of a folder, as it is written: `0012` for `x0012`. */
export function folderDigitsOf(name: string, axis: 'x' | 'y' | 'z'): string | undefined {
  return new RegExp(`^${axis}([0-9]{1,9})$`).exec(name)?.[1]
}

/** How cubes are called, from the name of one; `undefined` for what is none. */
export function cubeNamesOf(name: string, folderDigits: number): CubeNames | undefined {
  const match = /^(.*?)x([0-9]{1,9})(_?)y([0-9]{1,9})\3z([0-9]{1,9})(\.[a-z0-9.]+)$/i.exec(name)
  if (match === null) return undefined
  const [, prefix = '', x = '', separator = '', y = '', z = '', extension = ''] = match
  return { prefix, separator, extension, digits: paddingOf([x, y, z]), folderDigits }
}

/** Digits that numbers are filled up to; longer ones have more. */
export function paddingOf(numbers: readonly string[]): number {
  const filled = numbers.filter((digits) => digits.startsWith('0'))
  return Math.min(...(filled.length === 0 ? numbers : filled).map(({ length }) => length))
}

/** Whether a number is written with this filling. */
export function isPadded(digits: string, length: number): boolean {
  return pad(Number(digits), length) === digits
}

/** Path of a cube below the folder of its magnification, by its position z, y, x. */
export function cubePath({ prefix, separator, extension, digits, folderDigits }: CubeNames, position: readonly number[]): string {
  const parts = (length: number): string[] => ['x', 'y', 'z'].map((axis, at) => `${axis}${pad(position[2 - at] ?? 0, length)}`)
  return `${parts(folderDigits).join('/')}/${prefix}${parts(digits).join(separator)}${extension}`
}

function pad(index: number, digits: number): string {
  return String(index).padStart(digits, '0')
}
