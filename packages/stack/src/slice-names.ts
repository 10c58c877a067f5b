/** Extensions of files that may be slices. */
export const sliceExtensions = ['.tif', '.tiff', '.png', '.jpg', '.jpeg'] as const

/** The extension of a slice, in lower case; `undefined` for other files. */
export function sliceExtensionOf(name: string): (typeof sliceExtensions)[number] | undefined {
  const lower = name.toLowerCase()
  return sliceExtensions.find((extension) => lower.endsWith(extension))
}

/** By code points, as Python sorts: `s10` before `s2`, `S` before `s`. */
export function compareNames(a: string, b: string): number {
  const [first, second] = [Array.from(a), Array.from(b)]
  for (let at = 0; at < Math.min(first.length, second.length); at++) {
    const difference = (first[at]?.codePointAt(0) ?? 0) - (second[at]?.codePointAt(0) ?? 0)
    if (difference !== 0) return difference
  }
  return first.length - second.length
}

/** Runs of digits by their number, the rest by code points: `s2` before `s10`. */
export function compareNaturally(a: string, b: string): number {
  const [first, second] = [a, b].map((name) => name.match(/[0-9]+|[^0-9]+/g) ?? [])
  for (const [at, part] of (first ?? []).entries()) {
    const other = second?.[at]
    if (other === undefined) return 1
    const bothNumbers = /^[0-9]/.test(part) && /^[0-9]/.test(other)
    const difference = bothNumbers ? Number(BigInt(part) - BigInt(other)) : compareNames(part, other)
    if (difference !== 0) return difference
  }
  return (first?.length ?? 0) - (second?.length ?? 0) || compareNames(a, b)
}
