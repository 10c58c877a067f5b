import { isSourceError, openSource, type Source, SourceError } from '@bioimage/core'
import { formatShape } from '../units.js'
import type { Conversion } from './run.js'

/** How an array is laid out that an earlier run has put in its place. */
export type Layout = Pick<Source, 'chunks' | 'shards'>

/**
 * Looks whether what is at the destination can be what this conversion gives: an array of that shape and dtype, with the chunks and
 * shards that were asked for. Its voxels are not looked at.
 *
 * @returns `undefined` if it is not to be opened as one array.
 * @throws ERR_ALREADY_EXISTS naming what differs.
 */
export async function finishedOutput({ input, destination, options, memory }: Conversion): Promise<Layout | undefined> {
  const { driver, root, key, target } = destination
  let output: Source
  try {
    output = await openSource(root, { format: driver.kind, internalPath: key, context: memory.context })
  } catch (error) {
    if (isSourceError(error)) return undefined
    throw error
  }
  try {
    const within = (shape: readonly number[] | null): string =>
      shape === null ? 'none' : formatShape(shape.map((length, axis) => Math.min(length, input.shape[axis] ?? length)))
    const { chunks = output.chunks, shards = output.shards, dtype = input.dtype } = options
    const facts = [
      ['shape', formatShape(output.shape), formatShape(input.shape)],
      ['dtype', output.dtype, dtype],
      ['chunk shape', within(output.chunks), within(chunks)],
      ['shard shape', within(output.shards), within(shards)]
    ] as const
    const different = facts.find(([, found, wanted]) => found !== wanted)
    if (different === undefined) return { chunks: output.chunks, shards: output.shards }
    const [name, found, wanted] = different
    throw new SourceError(
      'ERR_ALREADY_EXISTS',
      `${target} exists and is another array: its ${name} is ${found}, not ${wanted}; replace it with --overwrite, or choose another name`,
      { path: target }
    )
  } finally {
    await output.close()
  }
}
