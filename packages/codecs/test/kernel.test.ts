import { deflateRawSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { bothKernels, SeededRandom } from './kernels.js'

const { scalar, wasm } = await bothKernels()
const lengths = [0, 1, 2, 3, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 100, 127, 128, 129, 255, 256, 257, 1000, 4096, 70_001]
const elementSizes = [1, 2, 3, 4, 5, 8, 12, 16, 24]

type Run = (kernel: typeof wasm, source: number, destination: number) => number | undefined

/** Runs the same in both kernels and compares results and all bytes of the destination. */
function compare(input: Uint8Array, outputLength: number, run: Run): Uint8Array {
  const [expected, actual] = [scalar, wasm].map((kernel) => {
    const mark = kernel.scratch.mark()
    const source = kernel.scratch.place(input)
    const destination = kernel.scratch.allocate(outputLength)
    kernel.scratch.allocate(1 << 20)
    kernel.scratch.view(destination, outputLength).fill(0xaa)
    const result = run(kernel, source, destination)
    const output = kernel.scratch.view(destination, outputLength).slice()
    kernel.scratch.release(mark)
    return { result: result === undefined ? undefined : result | 0, output }
  })
  expect(actual!.result).toBe(expected!.result)
  expect(Buffer.compare(actual!.output, expected!.output)).toBe(0)
  return actual!.output
}

describe('WebAssembly does what its scalar twin does', () => {
  test('shuffles', () => {
    const random = new SeededRandom(1)
    for (const length of lengths) {
      for (const size of elementSizes) {
        const input = random.bytes(length)
        const shuffled = compare(input, length, (kernel, source, destination) => {
          kernel.functions.shuffle(source, length, size, destination)
          return undefined
        })
        const back = compare(shuffled, length, (kernel, source, destination) => {
          kernel.functions.unshuffle(source, length, size, destination)
          return undefined
        })
        expect(Buffer.compare(back, input)).toBe(0)
      }
    }
  })

  test('bit shuffles', () => {
    const random = new SeededRandom(2)
    for (const count of [8, 16, 24, 64, 120, 128, 136, 1000, 8200]) {
      for (const size of elementSizes) {
        const length = count * size
        const input = random.bytes(length)
        const shuffled = compare(input, length, (kernel, source, destination) => {
          kernel.functions.bitShuffle(source, length, size, destination, kernel.scratch.allocate(length))
          return undefined
        })
        const back = compare(shuffled, length, (kernel, source, destination) => {
          kernel.functions.bitUnshuffle(source, length, size, destination, kernel.scratch.allocate(length))
          return undefined
        })
        expect(Buffer.compare(back, input)).toBe(0)
      }
    }
  })

  test('swaps and differences, in place and not', () => {
    const random = new SeededRandom(3)
    for (const length of lengths) {
      for (const size of [1, 2, 4, 8]) {
        const whole = length - (length % size)
        const input = random.bytes(whole)
        for (const name of ['byteSwap', 'deltaEncode', 'deltaDecode'] as const) {
          if (name === 'byteSwap' && size === 1) continue
          const apart = compare(input, whole, (kernel, source, destination) => {
            kernel.functions[name](source, whole, size, destination)
            return undefined
          })
          const inPlace = compare(input, whole, (kernel, source, destination) => {
            kernel.scratch.bytes.copyWithin(destination, source, source + whole)
            kernel.functions[name](destination, whole, size, destination)
            return undefined
          })
          expect(Buffer.compare(apart, inPlace)).toBe(0)
        }
      }
    }
  })

  test('checksums', () => {
    const random = new SeededRandom(4)
    for (const length of lengths) {
      for (const input of [random.bytes(length), new Uint8Array(length).fill(255), new Uint8Array(length)]) {
        compare(input, 0, (kernel, source) => kernel.functions.adler32(source, length))
        compare(input, 0, (kernel, source) => kernel.functions.fletcher32(source, length))
        compare(input, 0, (kernel, source) => kernel.functions.xxhash32(source, length, 0x9747b28c))
        for (const polynomial of [0x82f63b78, 0xedb88320]) {
          compare(input, 0, (kernel, source) => kernel.functions.crc(source, length, kernel.crcTables(polynomial), 0))
          const half = length >> 1
          compare(input, 0, (kernel, source) => {
            const tables = kernel.crcTables(polynomial)
            const first = kernel.functions.crc(source, half, tables, 0)
            const whole = kernel.functions.crc(source, length, tables, 0)
            expect(kernel.functions.crc(source + half, length - half, tables, first)).toBe(whole)
            return whole
          })
        }
      }
    }
  })

  test('known checksums', () => {
    const check = new TextEncoder().encode('123456789')
    for (const kernel of [scalar, wasm]) {
      const mark = kernel.scratch.mark()
      const source = kernel.scratch.place(check)
      expect(kernel.functions.crc(source, 9, kernel.crcTables(0x82f63b78), 0) >>> 0).toBe(0xe3069283)
      expect(kernel.functions.crc(source, 9, kernel.crcTables(0xedb88320), 0) >>> 0).toBe(0xcbf43926)
      expect(kernel.functions.adler32(source, 9) >>> 0).toBe(0x091e01de)
      expect(kernel.functions.xxhash32(source, 9, 0) >>> 0).toBe(0x937bad67)
      expect(kernel.functions.xxhash32(source, 0, 0) >>> 0).toBe(0x02cc5d05)
      kernel.scratch.release(mark)
    }
  })

  test('boxes of every order of axes', () => {
    const random = new SeededRandom(5)
    for (const itemSize of [1, 2, 3, 4, 8, 16]) {
      for (const counts of [
        [1, 1, 1],
        [3, 17, 33],
        [2, 16, 16],
        [5, 40, 7],
        [1, 70, 65]
      ] as const) {
        const [a, b, c] = counts
        const length = a * b * c * itemSize
        const input = random.bytes(length)
        const rows = [b * c * itemSize, c * itemSize, itemSize] as const
        const orders: readonly (readonly [number, number, number])[] = [
          rows,
          [itemSize, a * itemSize, a * b * itemSize],
          [b * c * itemSize, itemSize, b * itemSize],
          [itemSize, a * c * itemSize, a * itemSize]
        ]
        for (const to of orders) {
          for (const [from, target] of [
            [rows, to],
            [to, rows]
          ] as const) {
            compare(input, length, (kernel, source, destination) => {
              kernel.functions.copyBox(source, ...from, destination, ...target, a, b, c, itemSize)
              return undefined
            })
          }
          // The destination backwards.
          const [t0, t1, t2] = to
          const last = (a - 1) * t0 + (b - 1) * t1 + (c - 1) * t2
          compare(input, length, (kernel, source, destination) => {
            kernel.functions.copyBox(source, ...rows, destination + last, -t0, -t1, -t2, a, b, c, itemSize)
            return undefined
          })
        }
      }
    }
  })

  test('lz4, with the same encodings', () => {
    const random = new SeededRandom(6)
    for (const length of [...lengths, 300_000]) {
      for (const acceleration of [1, 9]) {
        const input = random.bytes(length)
        const capacity = length + Math.ceil(length / 255) + 16
        let encodedLength = 0
        const encoded = compare(input, capacity, (kernel, source, destination) => {
          const workspace = kernel.scratch.allocate(kernel.functions.lz4WorkspaceSize())
          encodedLength = kernel.functions.lz4Encode(source, length, destination, capacity, workspace, acceleration)
          // Behind its end the fast kernel may have written more.
          kernel.scratch.view(destination, capacity).fill(0, encodedLength)
          return encodedLength
        }).subarray(0, encodedLength)
        const decoded = compare(encoded, length, (kernel, source, destination) =>
          kernel.functions.lz4Decode(source, encodedLength, destination, length)
        )
        expect(Buffer.compare(decoded, input)).toBe(0)
        for (const tooSmall of [0, length >> 1, length - 1]) {
          if (tooSmall >= length || tooSmall < 0) continue
          for (const kernel of [scalar, wasm]) {
            const mark = kernel.scratch.mark()
            const source = kernel.scratch.place(encoded)
            expect(kernel.functions.lz4Decode(source, encodedLength, kernel.scratch.allocate(length), tooSmall)).toBe(-1)
            kernel.scratch.release(mark)
          }
        }
      }
    }
  })

  test.each([
    ['blosclzEncode', 'blosclzDecode', 'blosclzWorkspaceSize'],
    ['snappyEncode', 'snappyDecode', 'snappyWorkspaceSize']
  ] as const)('%s is undone by both decoders', (encode, decode, workspaceSize) => {
    const random = new SeededRandom(7)
    for (const length of [...lengths, 300_000]) {
      const input = random.bytes(length)
      const { functions, scratch } = wasm
      const mark = scratch.mark()
      const capacity = length + (length >> 3) + 64
      const destination = scratch.allocate(capacity)
      const workspace = scratch.allocate(functions[workspaceSize]())
      const encodedLength = functions[encode](scratch.place(input), length, destination, capacity, workspace)
      const encoded = scratch.view(destination, encodedLength).slice()
      scratch.release(mark)
      if (length > 0) expect(encodedLength).toBeGreaterThan(0)
      const decoded = compare(encoded, length, (kernel, source, output) => kernel.functions[decode](source, encodedLength, output, length))
      expect(Buffer.compare(decoded, input)).toBe(0)
    }
  })

  test('inflate, for all kinds of blocks', () => {
    const random = new SeededRandom(8)
    for (const length of [...lengths, 300_000]) {
      for (const level of [0, 1, 6, 9]) {
        for (const strategy of [0, 2, 4]) {
          const input = random.bytes(length)
          const encoded = deflateRawSync(input, { level, strategy })
          const decoded = compare(encoded, length, (kernel, source, destination) => {
            const workspace = kernel.scratch.allocate(kernel.functions.inflateWorkspaceSize())
            const result = kernel.functions.inflate(source, encoded.length, destination, length, workspace)
            expect(kernel.functions.inflateConsumed(workspace)).toBe(encoded.length)
            return result
          })
          expect(Buffer.compare(decoded, input)).toBe(0)
          if (length === 0) continue
          compare(encoded, 0, (kernel, source, destination) => {
            const workspace = kernel.scratch.allocate(kernel.functions.inflateWorkspaceSize())
            const room = kernel.scratch.allocate(length)
            expect(destination).toBeGreaterThan(0)
            return kernel.functions.inflate(source, encoded.length, room, length - 1, workspace)
          })
        }
      }
    }
  })
})

test('Snappy blocks written by hand', () => {
  // A literal, then copies that have 1, 2 and 4 bytes of distance.
  const block = [
    26,
    ...[(9 - 1) << 2, ...new TextEncoder().encode('Wikipedia')],
    ((5 - 4) << 2) | 1,
    9,
    ((6 - 1) << 2) | 2,
    4,
    0,
    ((6 - 1) << 2) | 3,
    14,
    0,
    0,
    0
  ]
  for (const kernel of [scalar, wasm]) {
    const mark = kernel.scratch.mark()
    const source = kernel.scratch.place(Uint8Array.from(block))
    const destination = kernel.scratch.allocate(26)
    expect(kernel.functions.snappyDecode(source, block.length, destination, 26)).toBe(26)
    expect(new TextDecoder().decode(kernel.scratch.view(destination, 26))).toBe(simulate())
    kernel.scratch.release(mark)
  }

  function simulate(): string {
    let text = 'Wikipedia'
    for (const [distance, length] of [
      [9, 5],
      [4, 6],
      [14, 6]
    ] as const) {
      for (let index = 0; index < length; index++) text += text[text.length - distance]
    }
    return text
  }
})
