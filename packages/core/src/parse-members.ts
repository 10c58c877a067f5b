import { SourceError } from './errors.js'
import { isJsonObject, type Json, type JsonObject } from './json.js'

/** @throws ERR_CORRUPT_DATA unless `value` is a list of integers of at least `least`. */
export function parseIntegers(name: string, value: Json | undefined, least: number): readonly number[] {
  const integers: number[] = []
  for (const item of Array.isArray(value) ? value : [null]) {
    if (typeof item !== 'number' || !Number.isSafeInteger(item) || item < least) {
      throw new SourceError(
        'ERR_CORRUPT_DATA',
        `\`${name}\` is a list of integers of at least ${least}, found ${JSON.stringify(value)?.slice(0, 200)}`
      )
    }
    integers.push(item)
  }
  return integers
}

/** @throws ERR_CORRUPT_DATA unless `value` is an object. */
export function parseObject(name: string, value: Json | undefined): JsonObject {
  if (isJsonObject(value)) return value
  throw new SourceError('ERR_CORRUPT_DATA', `\`${name}\` is an object, found ${JSON.stringify(value)?.slice(0, 200)}`)
}

/** @throws ERR_CORRUPT_DATA unless both have the same number of axes. `reference` is the member that `shape` comes from. */
export function checkRank(name: string, lengths: readonly unknown[], shape: readonly number[], reference = 'shape'): void {
  if (lengths.length !== shape.length) {
    throw new SourceError('ERR_CORRUPT_DATA', `\`${name}\` has ${lengths.length} axes, \`${reference}\` has ${shape.length}`)
  }
}

/** @throws ERR_CORRUPT_DATA for a chunk of more bytes than any machine has. */
export function checkChunkBytes(chunks: readonly number[], itemSize: number): void {
  const byteLength = chunks.reduce((product, length) => product * length, itemSize)
  if (byteLength > 2 ** 40)
    throw new SourceError('ERR_CORRUPT_DATA', `a chunk of shape [${chunks.join(', ')}] would take ${byteLength} bytes`)
}

/** The numbers of a list of `length` finite numbers; `undefined` for anything else. For metadata that may be wrong. */
export function numbersOf(value: Json | undefined, length: number): readonly number[] | undefined {
  if (!Array.isArray(value) || value.length !== length) return undefined
  const numbers = value.filter((item: Json): item is number => typeof item === 'number' && Number.isFinite(item))
  return numbers.length === length ? numbers : undefined
}
