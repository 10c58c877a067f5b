import type { CodecSpec } from '@bioimage/core'
import { corrupt } from '../codec-errors.js'
import type { CodecStep, StepContext } from '../codec-step.js'
import { Payload } from '../payload.js'
import { decodeOldLzw } from './lzw-old.js'

/** LZW as TIFF has it (TIFF 6.0, section 13). Decoding stops at the expected length: what follows it is not looked at. */
export async function createLzw(_spec: CodecSpec, context: StepContext): Promise<CodecStep> {
  const { functions, scratch } = await context.kernel()
  return {
    // 12 bits for 8 at worst, and a clear code now and then.
    encodedLength: ({ max }) => ({ max: max * 2 + 1024, exact: false }),
    decode: (encoded, { max, exact }) => {
      // A code of 12 bits stands for 4096 bytes at most.
      const capacity = Math.min(max, encoded.byteLength * 4096)
      if (exact && capacity < max) throw corrupt('lzw', `${encoded.byteLength} bytes cannot hold the ${max} bytes expected`)
      // Before TIFF 6.0 the lowest bit came first; the clear code that every stream begins with tells.
      const [first = 0, second = 0] = encoded.view()
      if (first === 0 && (second & 1) === 1) return Payload.of(decodeOldLzw(encoded.view(), capacity))
      const source = encoded.place(scratch)
      const workspace = scratch.allocate(functions.lzwWorkspaceSize())
      const destination = scratch.allocate(capacity)
      const length = functions.lzwDecode(source, encoded.byteLength, destination, capacity, workspace)
      if (length < 0) throw corrupt('lzw', 'a code stands for nothing yet')
      return Payload.at(scratch, destination, length)
    },
    encode: (decoded) => Payload.of(encodeLzw(decoded.view()))
  }
}

const clearCode = 256
const endCode = 257

function encodeLzw(input: Uint8Array): Uint8Array {
  const output = new Uint8Array(input.byteLength * 2 + 1024)
  // Open addressing over (code before, byte); -1 is free.
  const keys = new Int32Array(16384).fill(-1)
  const codes = new Uint16Array(16384)
  let at = 0
  let bits = 0
  let count = 0
  let width = 9
  let next = 258
  const put = (code: number): void => {
    bits = (bits << width) | code
    count += width
    while (count >= 8) {
      count -= 8
      output[at++] = bits >>> count
    }
    bits &= (1 << count) - 1
  }
  put(clearCode)
  let current = -1
  for (const byte of input) {
    if (current < 0) {
      current = byte
      continue
    }
    const key = (current << 8) | byte
    let slot = (Math.imul(key, 0x9e3779b1) >>> 18) & 16383
    while (keys[slot] !== -1 && keys[slot] !== key) slot = (slot + 1) & 16383
    if (keys[slot] === key) {
      current = codes[slot]!
      continue
    }
    put(current)
    current = byte
    keys[slot] = key
    codes[slot] = next++
    // One entry early; and clear before the table is full, as libtiff does, since readers differ on what comes then.
    if (next === 4095) {
      put(clearCode)
      keys.fill(-1)
      width = 9
      next = 258
    } else if (next === 1 << width) width++
  }
  if (current >= 0) put(current)
  put(endCode)
  if (count > 0) output[at++] = bits << (8 - count)
  return output.slice(0, at)
}
