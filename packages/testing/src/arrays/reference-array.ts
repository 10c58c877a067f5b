import { type DType, type NdArray, zeros } from '@bioimage/core'
import { bytesOf, componentSizeOf } from '@bioimage/core/backend'
import { seededRandom } from './random.js'

/** What elements are made of: half a complex number, else the whole element. */
type Component = Exclude<DType, 'complex64' | 'complex128'>

/** Values on which conversions break, per dtype: the ends of the range, and for floats what is not a plain number. */
const extremes: Readonly<Record<Component, readonly (number | bigint)[]>> = {
  bool: [0, 1],
  int8: [-128, 127, -1, 0],
  uint8: [0, 255, 128, 127],
  int16: [-32768, 32767, -1, 0, 256],
  uint16: [0, 65535, 32768, 255, 256],
  int32: [-2147483648, 2147483647, -1, 0, 16777217],
  uint32: [0, 4294967295, 2147483648, 16777217],
  // 2^53 + 1 is the first integer that a number does not hold.
  int64: [-(2n ** 63n), 2n ** 63n - 1n, -1n, 0n, 2n ** 53n + 1n],
  uint64: [0n, 2n ** 64n - 1n, 2n ** 63n, 2n ** 53n + 1n],
  // By their bits: largest, smallest subnormal, infinities, NaN, -0.
  float16: [0x7bff, 0xfbff, 0x0001, 0x7c00, 0xfc00, 0x7e00, 0x8000, 0x0000],
  float32: [3.4028234663852886e38, -3.4028234663852886e38, 1.401298464324817e-45, Infinity, -Infinity, Number.NaN, -0, 0],
  float64: [Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE, Infinity, -Infinity, Number.NaN, -0, 0]
}

/** Every seventh element is an extreme, so that any small array has some. */
const extremePeriod = 7

/**
 * Test data: the same for the same arguments, on every machine. Random values, and among them the extremes of the dtype; for
 * floats also the infinities, NaN, -0 and the smallest subnormal number.
 *
 * @param seed Any integer; defaults to 1.
 */
export function referenceArray<D extends DType>(shape: readonly number[], dtype: D, seed: number = 1): NdArray<D> {
  const array = zeros(shape, dtype)
  const component = componentOf(dtype)
  const random = seededRandom(seed)
  const bytes = bytesOf(array.data)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const size = componentSizeOf(dtype)
  const count = bytes.byteLength / size
  for (let at = 0; at < count; at++) {
    const special = at % extremePeriod === 3 ? extremes[component][Math.floor(at / extremePeriod) % extremes[component].length] : undefined
    store(view, at * size, component, special ?? randomValue(component, random.bits(), random.bits()))
  }
  return array
}

function componentOf(dtype: DType): Component {
  if (dtype === 'complex64') return 'float32'
  return dtype === 'complex128' ? 'float64' : dtype
}

function randomValue(dtype: Component, low: number, high: number): number | bigint {
  switch (dtype) {
    case 'bool':
      return low & 1
    case 'int64':
    case 'uint64':
      return (BigInt(high) << 32n) | BigInt(low)
    case 'float16':
      // Finite numbers only: the exponent of 31 is left to the extremes.
      return (low & 0x83ff) | ((high % 31) << 10)
    case 'float32':
    case 'float64':
      return (low - 2 ** 31) * 2 ** ((high % 64) - 48)
    default:
      return low
  }
}

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

function store(view: DataView, at: number, dtype: Component, value: number | bigint): void {
  if (dtype === 'int64' || dtype === 'uint64') view.setBigUint64(at, BigInt.asUintN(64, BigInt(value)), littleEndian)
  else if (dtype === 'float32') view.setFloat32(at, Number(value), littleEndian)
  else if (dtype === 'float64') view.setFloat64(at, Number(value), littleEndian)
  else if (componentSizeOf(dtype) === 1) view.setUint8(at, Number(value))
  else if (componentSizeOf(dtype) === 2) view.setUint16(at, Number(value), littleEndian)
  else view.setUint32(at, Number(value), littleEndian)
}
