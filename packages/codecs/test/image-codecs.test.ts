import { expect, test } from 'vitest'
import '../src/image.js'
import { decodeBytes } from '../src/index.js'
import vectors from './fixtures/image-codec-vectors.json' with { type: 'json' }
import { SeededRandom } from './kernels.js'
import { differenceAt } from './vectors.js'

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
const exactly = (length: number): { maxBytes: number; exactBytes: number } => ({ maxBytes: length, exactBytes: length })

test.each(vectors)('$name: as the reference library has it', async ({ codec, decoded, encoded }) => {
  const expected = bytesOf(decoded)
  expect(differenceAt(await decodeBytes(codec, bytesOf(encoded), exactly(expected.length)), expected)).toBe(-1)
})

test.each(vectors.filter(({ name }) => !/1000|3000|jp2/.test(name)))(
  '$name: cut or damaged, refused or of the right length',
  async (vector) => {
    const encoded = bytesOf(vector.encoded)
    const length = bytesOf(vector.decoded).length
    const random = new SeededRandom(5)
    const outcomeOf = (bytes: Uint8Array): Promise<unknown> =>
      decodeBytes(vector.codec, bytes, exactly(length)).then(
        (result) => result.byteLength,
        (error) => error.code
      )
    for (let round = 0; round < 60; round++) {
      const damaged = encoded.slice()
      damaged[random.below(damaged.length)] = random.below(256)
      expect([length, 'ERR_CORRUPT_DATA', 'ERR_UNSUPPORTED']).toContain(await outcomeOf(damaged))
    }
    expect(await outcomeOf(encoded.subarray(0, encoded.length >> 2))).toBe('ERR_CORRUPT_DATA')
  }
)

test('a JPEG 2000 image larger than the chunk is refused before it is decoded', async () => {
  const vector = vectors.find(({ codec }) => codec.id === 'jpeg2000')
  const encoded = bytesOf(vector?.encoded ?? '')
  await expect(decodeBytes({ id: 'jpeg2000' }, encoded, exactly(100))).rejects.toThrow(/17 pixels.*expected 100 bytes/)
})
