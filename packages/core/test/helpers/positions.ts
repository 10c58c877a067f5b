/** Every position of a shape, in C order. */
export function* positions(shape: readonly number[]): Generator<readonly number[]> {
  if (shape.includes(0)) return
  const position = shape.map(() => 0)
  for (;;) {
    yield [...position]
    let axis = shape.length - 1
    for (; axis >= 0; axis--) {
      const next = (position[axis] ?? 0) + 1
      position[axis] = next
      if (next < (shape[axis] ?? 0)) break
      position[axis] = 0
    }
    if (axis < 0) return
  }
}

/** Sum of products. */
export function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, axis) => sum + value * (b[axis] ?? 0), 0)
}
