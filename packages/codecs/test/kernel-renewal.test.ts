import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Kernel } from '../src/kernel/kernel.js'
import { bothKernels } from './kernels.js'

const large = 100 << 20

function work(kernel: Kernel, byteLength: number): void {
  const { scratch } = kernel
  const mark = scratch.mark()
  scratch.allocate(byteLength)
  scratch.release(mark)
}

function checksum(kernel: Kernel, tables: number): number {
  const { functions, scratch } = kernel
  const mark = scratch.mark()
  const value = functions.crc(scratch.place(new TextEncoder().encode('123456789')), 9, tables, 0) >>> 0
  scratch.release(mark)
  return value
}

describe.each(['wasm', 'scalar'] as const)('the memory of a %s kernel', (name) => {
  afterEach(() => vi.useRealTimers())

  test('is given back some time after an unusually large chunk, and everything works as before', async () => {
    const kernel = (await bothKernels())[name]
    vi.useFakeTimers()
    // CRC-32C of the digits, by its definition.
    const tables = kernel.crcTables(0x82f63b78)
    expect(checksum(kernel, tables)).toBe(0xe3069283)
    work(kernel, large)
    expect(kernel.scratch.bytes.byteLength).toBeGreaterThan(large)
    for (let round = 0; round < 4; round++) {
      work(kernel, 1000)
      await vi.advanceTimersByTimeAsync(2500)
    }
    expect(kernel.scratch.bytes.byteLength).toBeLessThan(16 << 20)
    expect(checksum(kernel, tables)).toBe(0xe3069283)
  })

  test('is kept while large chunks come, and while some of it is taken', async () => {
    const kernel = (await bothKernels())[name]
    vi.useFakeTimers()
    for (let round = 0; round < 4; round++) {
      work(kernel, large)
      await vi.advanceTimersByTimeAsync(1500)
    }
    expect(kernel.scratch.bytes.byteLength).toBeGreaterThan(large)
    const mark = kernel.scratch.mark()
    kernel.scratch.allocate(1000)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(kernel.scratch.bytes.byteLength).toBeGreaterThan(large)
    kernel.scratch.release(mark)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(kernel.scratch.bytes.byteLength).toBeLessThan(16 << 20)
  })
})
