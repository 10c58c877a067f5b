import { corrupt } from '../codec-errors.js'
import type { BitReader } from './bit-reader.js'
import { inverseDct } from './inverse-dct.js'
import type { BlockDecoder, Scan } from './scan.js'
import { zigzag } from './zigzag.js'

/** Blocks of a sequential frame (ITU-T T.81, F.2): each is complete and becomes samples at once. */
export class SequentialDecoder implements BlockDecoder {
  readonly #scan: Scan
  readonly #quantizations: readonly Uint16Array[]
  readonly #precision: number
  readonly #predictions: Int32Array
  readonly #coefficients = new Int16Array(64)

  /** @param quantizations One per component of the scan. */
  constructor(scan: Scan, quantizations: readonly Uint16Array[], precision: number) {
    this.#scan = scan
    this.#quantizations = quantizations
    this.#precision = precision
    this.#predictions = new Int32Array(scan.components.length)
  }

  restart(): void {
    this.#predictions.fill(0)
  }

  block(bits: BitReader, index: number, blockRow: number, blockColumn: number): void {
    const { plane, dc, ac } = this.#scan.components[index]!
    if (dc === undefined || ac === undefined) throw corrupt('jpeg', 'a scan names a Huffman table that is not there')
    const coefficients = this.#coefficients
    const size = bits.symbol(dc)
    if (size > 15) throw corrupt('jpeg', `a DC difference of ${size} bits`)
    if (size > 0) this.#predictions[index]! += bits.signed(size)
    let last = 0
    for (let k = 1; k < 64; k++) {
      const symbol = bits.symbol(ac)
      const length = symbol & 15
      if (length === 0) {
        if (symbol !== 0xf0) break
        k += 15
        continue
      }
      k += symbol >> 4
      if (k > 63) throw corrupt('jpeg', 'a block has more than 64 coefficients')
      coefficients[zigzag[k]!] = bits.signed(length)
      last = k
    }
    const quantization = this.#quantizations[index]!
    const { samples, stride } = plane
    const offset = blockRow * 8 * stride + blockColumn * 8
    coefficients[0] = this.#predictions[index]!
    if (last === 0) {
      this.#fill(coefficients[0] * quantization[0]!, samples, offset, stride)
      return
    }
    inverseDct(coefficients, 0, quantization, samples, offset, stride, this.#precision)
    coefficients.fill(0)
  }

  /** The block of a single coefficient: what `inverseDct` gives for it. */
  #fill(dc: number, samples: Uint8Array | Uint16Array, offset: number, stride: number): void {
    const maximum = (1 << this.#precision) - 1
    const value = ((dc + 4) >> 3) + (1 << (this.#precision - 1))
    const clamped = Math.min(Math.max(value, 0), maximum)
    for (let row = 0, at = offset; row < 8; row++, at += stride) samples.fill(clamped, at, at + 8)
  }
}
