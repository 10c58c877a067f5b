import { readFileSync } from 'node:fs'
import { type CodecSpec, isSourceError } from '@bioimage/core'
import { describe, expect, test } from 'vitest'
import '../src/hdf5.js'
import { decodeBytes } from '../src/index.js'
import { SeededRandom } from './kernels.js'
import { differenceAt } from './vectors.js'

/** Chunks that the HDF5 library encoded, see make-hdf5-filter-vectors.py. */
const vectors: readonly { readonly name: string; readonly codec: CodecSpec; readonly encoded: string; readonly decoded: string }[] =
  JSON.parse(readFileSync(new URL('fixtures/hdf5-filter-vectors.json', import.meta.url), 'utf8'))
const bytesOf = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'))

describe.each(['szip', 'nbit', 'scaleoffset'])('%s', (id) => {
  const mine = vectors.filter(({ codec }) => codec.id === id)

  test.each(mine.map((vector) => [vector.name, vector] as const))('%s', async (_, { codec, encoded, decoded }) => {
    const expected = bytesOf(decoded)
    const found = await decodeBytes(codec, bytesOf(encoded), { maxBytes: expected.length, exactBytes: expected.length })
    expect(differenceAt(found, expected)).toBe(-1)
  })

  test('refuses damaged streams, or gives the right length', async () => {
    const random = new SeededRandom(21)
    for (const { codec, encoded, decoded } of mine) {
      const { length } = bytesOf(decoded)
      for (let round = 0; round < 20; round++) {
        const bytes = bytesOf(encoded)
        const damaged = round < 10 ? bytes.slice(0, random.below(bytes.length)) : bytes
        if (round >= 10) damaged[random.below(bytes.length)] = random.below(256)
        const outcome = await decodeBytes(codec, damaged, { maxBytes: length, exactBytes: length }).then(
          (found) => found.byteLength,
          (error: unknown) => (isSourceError(error) ? error.code : String(error))
        )
        expect([length, 'ERR_CORRUPT_DATA']).toContain(outcome)
      }
    }
  })

  test('refuses a chunk of another length than expected', async () => {
    for (const { codec, encoded, decoded } of mine) {
      const limit = bytesOf(decoded).length + 8
      await expect(decodeBytes(codec, bytesOf(encoded), { maxBytes: limit, exactBytes: limit })).rejects.toMatchObject({
        code: 'ERR_CORRUPT_DATA'
      })
    }
  })
})

test.each([
  [{ id: 'szip', optionsMask: 32, pixelsPerBlock: 7, bitsPerPixel: 8, pixelsPerScanline: 16 }, 'ERR_CORRUPT_DATA'],
  [{ id: 'szip', optionsMask: 32, pixelsPerBlock: 8, bitsPerPixel: 8, pixelsPerScanline: 4 }, 'ERR_CORRUPT_DATA'],
  [{ id: 'szip', optionsMask: 32, pixelsPerBlock: 8, bitsPerPixel: 48, pixelsPerScanline: 16 }, 'ERR_UNSUPPORTED'],
  [{ id: 'nbit', parameters: [8, 0, 4, 1, 2, 0, 20, 0] }, 'ERR_CORRUPT_DATA'],
  [{ id: 'nbit', parameters: [8, 0, 4, 9, 2] }, 'ERR_CORRUPT_DATA'],
  [{ id: 'nbit', parameters: [8] }, 'ERR_CORRUPT_DATA'],
  [{ id: 'scaleoffset', parameters: [1, 2, 4, 1, 4, 1, 0, 0] }, 'ERR_UNSUPPORTED'],
  [{ id: 'scaleoffset', parameters: [2, 0, 4, 0, 3, 1, 0, 0] }, 'ERR_CORRUPT_DATA']
])('%o is refused: %s', async (codec, code) => {
  await expect(decodeBytes(codec, new Uint8Array(64), { maxBytes: 8, exactBytes: 8 })).rejects.toMatchObject({ code })
})
