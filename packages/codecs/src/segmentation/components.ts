/**
 * Numbers the connected components of voxels that are no boundary, in the order of their first voxels, from 1. Boundary voxels get 0.
 *
 * @param boundary One byte per voxel, x fastest.
 * @param acrossSlices Whether neighbours along z belong together; else every slice has its own components.
 * @returns The number of components; `numbers` is filled.
 */
export function numberComponents(
  boundary: Uint8Array,
  [sizeX, sizeY, sizeZ]: readonly [number, number, number],
  acrossSlices: boolean,
  numbers: Uint32Array
): number {
  const slice = sizeX * sizeY
  // Provisional number of each voxel; the parent of a root is itself. Number 0 is the boundary.
  const parents = new Uint32Array(boundary.length + 1)
  let provisional = 0
  const rootOf = (number: number): number => {
    let root = number
    while (parents[root] !== root) root = parents[root]!
    let at = number
    while (parents[at] !== root) {
      const next = parents[at]!
      parents[at] = root
      at = next
    }
    return root
  }
  const join = (a: number, b: number): number => {
    const rootA = rootOf(a)
    const rootB = rootOf(b)
    if (rootA === rootB) return rootA
    const [smaller, larger] = rootA < rootB ? [rootA, rootB] : [rootB, rootA]
    parents[larger] = smaller
    return smaller
  }
  let voxel = 0
  for (let z = 0; z < sizeZ; z++) {
    for (let y = 0; y < sizeY; y++) {
      for (let x = 0; x < sizeX; x++, voxel++) {
        if (boundary[voxel] !== 0) {
          numbers[voxel] = 0
          continue
        }
        const left = x > 0 ? numbers[voxel - 1]! : 0
        const above = y > 0 ? numbers[voxel - sizeX]! : 0
        const before = acrossSlices && z > 0 ? numbers[voxel - slice]! : 0
        let number = left
        // The voxel between them has joined left and above already, if it is no boundary.
        if (above !== 0 && above !== number) number = number === 0 ? above : join(number, above)
        if (before !== 0 && before !== number) number = number === 0 ? before : join(number, before)
        if (number === 0) {
          number = ++provisional
          parents[number] = number
        }
        numbers[voxel] = number
      }
    }
  }
  const final = new Uint32Array(provisional + 1)
  let count = 0
  for (let at = 0; at < boundary.length; at++) {
    const number = numbers[at]!
    if (number === 0) continue
    const root = rootOf(number)
    if (final[root] === 0) final[root] = ++count
    numbers[at] = final[root]!
  }
  return count
}
