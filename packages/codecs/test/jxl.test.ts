import { isSourceError } from '@bioimage/core'
import { expect, test } from 'vitest'
import '../src/image.js'
import { decodeBytes, encodeBytes } from '../src/index.js'
import vectors from './fixtures/jxl-vectors.json' with { type: 'json' }
import { SeededRandom } from './kernels.js'

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
const exactly = (length: number): { maxBytes: number; exactBytes: number } => ({ maxBytes: length, exactBytes: length })

test.each(vectors)('$name: as libjxl decodes it, within $tolerance', async ({ encoded, decoded, tolerance }) => {
  const expected = bytesOf(decoded)
  const found = await decodeBytes({ id: 'jxl' }, bytesOf(encoded), exactly(expected.length))
  expect(Math.max(...expected.map((value, at) => Math.abs(value - (found[at] ?? -1000))))).toBeLessThanOrEqual(tolerance)
})

test('an image of another size than the chunk is refused', async () => {
  for (const length of [107, 109, 1]) {
    const failing = decodeBytes({ id: 'jxl' }, bytesOf(vectors[0]?.encoded ?? ''), exactly(length))
    await expect(failing).rejects.toMatchObject({ code: 'ERR_CORRUPT_DATA' })
  }
})

test('cut or damaged, it is refused or gives the right length, and the next one is decoded', async () => {
  const random = new SeededRandom(5)
  for (const { encoded, decoded } of vectors) {
    const bytes = bytesOf(encoded)
    const { length } = bytesOf(decoded)
    for (let round = 0; round < 12; round++) {
      const damaged = round < 4 ? bytes.subarray(0, Math.floor((bytes.length * round) / 4)) : bytes.slice()
      if (round >= 4) for (let change = 0; change < 3; change++) damaged[random.below(damaged.length)] = random.below(256)
      const result = await decodeBytes({ id: 'jxl' }, damaged, exactly(length)).catch((error: unknown) => error)
      if (result instanceof Uint8Array) expect(result.length).toBe(length)
      else expect(isSourceError(result) && result.code, String(result)).toMatch(/ERR_CORRUPT_DATA|ERR_UNSUPPORTED/)
    }
    expect((await decodeBytes({ id: 'jxl' }, bytes, exactly(length))).length).toBe(length)
  }
})

test('it is only read', async () => {
  await expect(encodeBytes({ id: 'jxl' }, new Uint8Array(4))).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
})
