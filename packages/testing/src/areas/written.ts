import { fromSpec, type NdArray, type SetValue, type Source } from '@bioimage/core'
import { checkArray } from '../assert.js'
import type { TestCreateOptions } from '../backend.js'
import { readArray, type Scope, type Suite } from '../suite.js'

/** An array that is created, filled and ready to be read. */
export async function createFilled(suite: Suite, { keep }: Scope, options: TestCreateOptions, value: SetValue): Promise<Source> {
  const created = keep(await suite.create(options))
  await created.set('...', value)
  if (suite.backend.capabilities.write === 'regions') return created
  const spec = created.toSpec()
  await created.close()
  return keep(await fromSpec(JSON.parse(JSON.stringify(spec))))
}

/** The source must hold these elements, and so must a second handle: what was written is stored, not only remembered. */
export async function checkHolds(suite: Suite, source: Source, expected: NdArray, what: string): Promise<void> {
  checkArray(await readArray(source), expected, what)
  const { spec, write } = suite.backend.capabilities
  // What is still being made can be seen by nobody else yet.
  if (spec === false || (write === 'new' && source.writable)) return
  const other = await fromSpec(JSON.parse(JSON.stringify(source.toSpec())))
  try {
    checkArray(await readArray(other), expected, `${what}, read through a second handle,`)
  } finally {
    await other.close()
  }
}

/** Ends the work on a source that was created: what it holds must be there for others too. Closes the source where that is needed. */
export async function checkStored(suite: Suite, source: Source, expected: NdArray, what: string): Promise<void> {
  await checkHolds(suite, source, expected, what)
  if (suite.backend.capabilities.write !== 'new') return
  const spec: unknown = JSON.parse(JSON.stringify(source.toSpec()))
  await source.close()
  const stored = await fromSpec(spec)
  try {
    checkArray(await readArray(stored), expected, `${what}, once it was closed,`)
  } finally {
    await stored.close()
  }
}

/** Chunks of about half the array along each axis, so that there are edges and a few of them. */
export function halfChunks(shape: readonly number[]): number[] {
  return shape.map((length) => Math.max(1, Math.ceil(length / 2)))
}

/** Calls `set` with something that its type forbids. */
export function setAnything(source: Source, index: Parameters<Source['set']>[0], value: unknown): Promise<void> {
  return source.set(index, value as SetValue)
}
