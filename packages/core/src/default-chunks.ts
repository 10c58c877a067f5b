/**
 * Chunks for an array of which nothing else is known: about 2 MiB at most, cubic along the last three axes, which viewers and
 * pipelines like. Within shards, chunks divide them.
 */
export function defaultChunks(shape: readonly number[], shards?: readonly number[]): readonly number[] {
  const spatial = Math.min(3, shape.length)
  const edge = [1, 65536, 512, 64][spatial] ?? 64
  return shape.map((length, axis) => {
    const wanted = axis < shape.length - spatial ? 1 : Math.max(1, Math.min(edge, length))
    return shards === undefined ? wanted : greatestDivisor(shards[axis] ?? 1, wanted)
  })
}

function greatestDivisor(length: number, most: number): number {
  for (let divisor = Math.min(most, length); divisor > 1; divisor--) if (length % divisor === 0) return divisor
  return 1
}
