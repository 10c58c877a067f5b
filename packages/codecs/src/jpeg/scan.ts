import { corrupt } from '../codec-errors.js'
import { BitReader, entropySegment } from './bit-reader.js'
import type { CodedUnits, ComponentPlane } from './component-plane.js'
import type { HuffmanTable } from './huffman-table.js'

/** One component of a scan with its tables. */
export interface ScanComponent {
  readonly plane: ComponentPlane
  readonly dc: HuffmanTable | undefined
  readonly ac: HuffmanTable | undefined
}

/** What a scan header says (ITU-T T.81, B.2.3). */
export interface Scan {
  readonly components: readonly ScanComponent[]
  readonly spectralStart: number
  readonly spectralEnd: number
  readonly successiveHigh: number
  readonly successiveLow: number
  /** Coded units between restart markers; 0 for none. */
  readonly restartInterval: number
}

/** Decodes one block. `index` is the component's place in the scan. */
export interface BlockDecoder {
  block(bits: BitReader, index: number, blockRow: number, blockColumn: number): void
  /** Forgets predictions, at a restart marker. */
  restart(): void
}

/**
 * Runs over the coded units of a scan, restart interval by restart interval.
 *
 * @returns Where the entropy-coded data end.
 */
export function decodeScan(bytes: Uint8Array, offset: number, scan: Scan, units: CodedUnits, decoder: BlockDecoder): number {
  const [only, ...others] = scan.components
  const single = others.length === 0 ? only?.plane : undefined
  // A scan of one component has its blocks one by one, without those of the padding (A.2.2).
  const wide = single?.blocksWide ?? units.wide
  const total = wide * (single?.blocksHigh ?? units.high)
  const interval = scan.restartInterval === 0 ? total : scan.restartInterval
  let at = offset
  for (let first = 0, restart = 0; first < total; first += interval, restart++) {
    if (restart > 0) at = skipRestart(bytes, at, (restart - 1) & 7)
    const { content, end } = entropySegment(bytes, at)
    const bits = new BitReader(content)
    decoder.restart()
    const last = Math.min(total, first + interval)
    for (let unit = first; unit < last; unit++) {
      const row = Math.floor(unit / wide)
      const column = unit - row * wide
      if (single !== undefined) decoder.block(bits, 0, row, column)
      else decodeUnit(scan, bits, row, column, decoder)
    }
    bits.assertInside()
    at = end
  }
  return at
}

function decodeUnit(scan: Scan, bits: BitReader, row: number, column: number, decoder: BlockDecoder): void {
  for (let index = 0; index < scan.components.length; index++) {
    const { horizontalSampling, verticalSampling } = scan.components[index]!.plane.component
    for (let y = 0; y < verticalSampling; y++) {
      for (let x = 0; x < horizontalSampling; x++) {
        decoder.block(bits, index, row * verticalSampling + y, column * horizontalSampling + x)
      }
    }
  }
}

function skipRestart(bytes: Uint8Array, offset: number, expected: number): number {
  let at = offset
  while (bytes[at] === 0xff && bytes[at + 1] === 0xff) at++
  if (bytes[at] !== 0xff || bytes[at + 1] !== 0xd0 + expected) throw corrupt('jpeg', `restart marker ${expected} is missing`)
  return at + 2
}
