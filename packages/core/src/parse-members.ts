import { isJsonObject, type Json, type JsonObject, SourceError } from '@bioimage/core'

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

/** @throws ERR_CORRUPT_DATA unless both have the same number of axes. */
export function checkRank(name: string, lengths: readonly unknown[], shape: readonly number[]): void {
  if (lengths.length !== shape.length) {
    throw new SourceError('ERR_CORRUPT_DATA', `\`${name}\` has ${lengths.length} axes, \`shape\` has ${shape.length}`)
  }
}

/** @throws ERR_CORRUPT_DATA for a chunk of more bytes than any machine has. */
export function checkChunkBytes(chunks: readonly number[], itemSize: number): void {
  const byteLength = chunks.reduce((product, length) => product * length, itemSize)
  if (byteLength > 2 ** 40)
    throw new SourceError('ERR_CORRUPT_DATA', `a chunk of shape [${chunks.join(', ')}] would take ${byteLength} bytes`)
}

/** @throws ERR_UNSUPPORTED for another version of the format, ERR_CORRUPT_DATA for what is no version. */
export function checkFormat(name: string, found: Json | undefined, expected: 2 | 3): void {
  if (found === expected) return
  const code = typeof found === 'number' && Number.isInteger(found) ? 'ERR_UNSUPPORTED' : 'ERR_CORRUPT_DATA'
  throw new SourceError(code, `\`zarr_format\` of a ${name} is ${expected}, found ${JSON.stringify(found)}`)
}
