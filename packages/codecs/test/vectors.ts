import type { CodecSpec } from '@bioimage/core'
import content from './fixtures/codec-vectors.json' with { type: 'json' }

/** What the reference library makes of an input. */
export interface CodecVector {
  readonly name: string
  readonly codecs: readonly CodecSpec[]
  readonly itemSize: number
  readonly encoded: Uint8Array
  /** What decoding gives. */
  readonly decoded: Uint8Array
  /** What was encoded; differs from `decoded` for lossy codecs. */
  readonly original: Uint8Array
}

const inputs: Record<string, string> = content.inputs

export const codecVectors: readonly CodecVector[] = content.vectors.map((vector) => ({
  name: vector.name,
  codecs: vector.codecs as readonly CodecSpec[],
  itemSize: vector.itemSize,
  encoded: fromBase64(vector.encoded),
  decoded: fromBase64(inputs[vector.input]!),
  original: fromBase64(inputs[vector.encodeInput ?? vector.input]!)
}))

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
}

/** Where two byte arrays first differ, or -1: comparing large arrays by `toEqual` takes seconds. */
export function differenceAt(actual: Uint8Array, expected: Uint8Array): number {
  const length = Math.max(actual.length, expected.length)
  for (let index = 0; index < length; index++) if (actual[index] !== expected[index]) return index
  return -1
}
