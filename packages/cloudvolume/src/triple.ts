/** Three numbers along x, y and z, in this order, as the format has them. */
export type Triple = readonly [x: number, y: number, z: number]

/** The same function along each axis. */
export function mapTriple(triple: Triple, change: (length: number, axis: 0 | 1 | 2) => number): Triple {
  return [change(triple[0], 0), change(triple[1], 1), change(triple[2], 2)]
}

/** Three numbers as axes of an array: z, y, x. */
export function reversed(triple: Triple): Triple {
  return [triple[2], triple[1], triple[0]]
}
