import { readFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { narrowFloat16, widenFloat16 } from '../src/backend.js'
import { Float16View } from '../src/index.js'

const numpy: { readonly widenedCrc32: number; readonly narrowed: readonly (readonly [doubleBits: string, halfBits: number])[] } =
  JSON.parse(readFileSync(new URL('fixtures/numpy-float16.json', import.meta.url), 'utf8'))

function fromBits(bits: string): number {
  const view = new DataView(new ArrayBuffer(8))
  view.setBigUint64(0, BigInt(`0x${bits}`))
  return view.getFloat64(0)
}

describe('float16', () => {
  test('widens all 65536 bit patterns as numpy does', () => {
    const wide = Float32Array.from({ length: 65536 }, (_, bits) => widenFloat16(bits))
    const bits = new Uint32Array(wide.buffer).map((value, at) => (Number.isNaN(wide[at]) ? 0x7fc00000 : value))
    expect(crc32(new Uint8Array(bits.buffer))).toBe(numpy.widenedCrc32)
    expect(Object.is(widenFloat16(0x8000), -0)).toBe(true)
  })

  test('narrows back to the same bits', () => {
    for (let bits = 0; bits < 65536; bits++) {
      const value = widenFloat16(bits)
      if (Number.isNaN(value)) expect(narrowFloat16(value) & 0x7fff).toBeGreaterThan(0x7c00)
      else if (narrowFloat16(value) !== bits) expect.fail(`${bits} became ${narrowFloat16(value)}`)
    }
  })

  test('narrows numbers between as numpy does: to the nearest, ties to even', () => {
    expect(numpy.narrowed.length).toBeGreaterThan(1000)
    for (const [double, half] of numpy.narrowed) expect(narrowFloat16(fromBits(double)), double).toBe(half)
  })

  test('is an array of numbers over its bits', () => {
    const view = new Float16View(new Uint16Array(3))
    view.setAt(0, 1.5)
    view.setAt(1, -2)
    view.setAt(2, 1e9)
    expect(Array.from(view)).toEqual([1.5, -2, Number.POSITIVE_INFINITY])
    expect(Array.from(view.toFloat32Array())).toEqual([1.5, -2, Number.POSITIVE_INFINITY])
    expect(view.at(-2)).toBe(-2)
    expect(view.at(3)).toBeUndefined()
    expect([view.length, view.byteLength, view.byteOffset, view.BYTES_PER_ELEMENT]).toEqual([3, 6, 0, 2])
  })
})
