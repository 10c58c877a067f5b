import { corrupt } from '../codec-errors.js'
import type { BitReader } from './bit-reader.js'
import type { BlockDecoder, Scan } from './scan.js'
import { zigzag } from './zigzag.js'

/** Blocks of one scan of a progressive frame (ITU-T T.81, G.1.2 and G.2): each scan refines the coefficients that are there. */
export class ProgressiveDecoder implements BlockDecoder {
  readonly #scan: Scan
  readonly #predictions: Int32Array
  /** Blocks that follow without a new coefficient in the band. */
  #endOfBandRun = 0

  constructor(scan: Scan) {
    this.#scan = scan
    this.#predictions = new Int32Array(scan.components.length)
    const { spectralStart, spectralEnd, components, successiveHigh, successiveLow } = scan
    const isDc = spectralStart === 0
    if (isDc ? spectralEnd !== 0 : spectralEnd < spectralStart || spectralEnd > 63 || components.length !== 1)
      throw corrupt('jpeg', `a scan of ${components.length} components has coefficients ${spectralStart} to ${spectralEnd}`)
    if (successiveLow > 13 || (successiveHigh !== 0 && successiveHigh - 1 !== successiveLow))
      throw corrupt('jpeg', `a scan refines bit ${successiveHigh} to ${successiveLow}`)
    for (const { dc, ac } of components) {
      if (isDc ? successiveHigh === 0 && dc === undefined : ac === undefined)
        throw corrupt('jpeg', 'a scan names a Huffman table that is not there')
    }
  }

  restart(): void {
    this.#predictions.fill(0)
    this.#endOfBandRun = 0
  }

  block(bits: BitReader, index: number, blockRow: number, blockColumn: number): void {
    const { plane } = this.#scan.components[index]!
    const at = (blockRow * plane.blockStride + blockColumn) * 64
    const { spectralStart, successiveHigh } = this.#scan
    if (spectralStart === 0) {
      if (successiveHigh === 0) this.#firstDc(bits, index, plane.coefficients, at)
      else if (bits.bits(1) === 1) plane.coefficients[at]! |= 1 << this.#scan.successiveLow
    } else if (successiveHigh === 0) this.#firstAc(bits, index, plane.coefficients, at)
    else this.#refineAc(bits, index, plane.coefficients, at)
  }

  #firstDc(bits: BitReader, index: number, coefficients: Int16Array, at: number): void {
    const size = bits.symbol(this.#scan.components[index]!.dc!)
    if (size > 15) throw corrupt('jpeg', `a DC difference of ${size} bits`)
    if (size > 0) this.#predictions[index]! += bits.signed(size)
    coefficients[at] = this.#predictions[index]! << this.#scan.successiveLow
  }

  #firstAc(bits: BitReader, index: number, coefficients: Int16Array, at: number): void {
    if (this.#endOfBandRun > 0) {
      this.#endOfBandRun--
      return
    }
    const { spectralStart, spectralEnd, successiveLow } = this.#scan
    const table = this.#scan.components[index]!.ac!
    for (let k = spectralStart; k <= spectralEnd; k++) {
      const symbol = bits.symbol(table)
      const run = symbol >> 4
      const length = symbol & 15
      if (length === 0 && run < 15) {
        this.#endOfBandRun = (1 << run) - 1 + (run > 0 ? bits.bits(run) : 0)
        return
      }
      k += run
      if (length === 0) continue
      if (k > spectralEnd) throw corrupt('jpeg', 'a block has more coefficients than its band')
      coefficients[at + zigzag[k]!] = bits.signed(length) << successiveLow
    }
  }

  #refineAc(bits: BitReader, index: number, coefficients: Int16Array, at: number): void {
    const { spectralStart, spectralEnd, successiveLow } = this.#scan
    const table = this.#scan.components[index]!.ac!
    const bit = 1 << successiveLow
    let k = spectralStart
    if (this.#endOfBandRun === 0) {
      for (; k <= spectralEnd; k++) {
        const symbol = bits.symbol(table)
        let run = symbol >> 4
        const length = symbol & 15
        let value = 0
        if (length === 0) {
          if (run < 15) {
            this.#endOfBandRun = (1 << run) + (run > 0 ? bits.bits(run) : 0)
            break
          }
        } else if (length !== 1) throw corrupt('jpeg', `a refined coefficient of ${length} bits`)
        else value = bits.bits(1) === 1 ? bit : -bit
        // Passes `run` coefficients that are still zero; those that are not get a correction bit each.
        for (; k <= spectralEnd; k++) {
          const place = at + zigzag[k]!
          if (coefficients[place] !== 0) refine(bits, coefficients, place, bit)
          else if (run-- === 0) break
        }
        if (value === 0) continue
        if (k > spectralEnd) throw corrupt('jpeg', 'a block has more coefficients than its band')
        coefficients[at + zigzag[k]!] = value
      }
    }
    if (this.#endOfBandRun > 0) {
      for (; k <= spectralEnd; k++) {
        const place = at + zigzag[k]!
        if (coefficients[place] !== 0) refine(bits, coefficients, place, bit)
      }
      this.#endOfBandRun--
    }
  }
}

function refine(bits: BitReader, coefficients: Int16Array, place: number, bit: number): void {
  const value = coefficients[place]!
  if (bits.bits(1) === 1 && (value & bit) === 0) coefficients[place] = value >= 0 ? value + bit : value - bit
}
