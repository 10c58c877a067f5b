import type { Triple } from './triple.js'

/**
 * The usual key of a scale: its resolution, printed as CloudVolume prints it. With a fraction in one number all get a decimal point:
 * `4_4_40`, `4.5_4.5_40.0`.
 *
 * @param decimals Print decimal points in any case, as after a scale that has them.
 */
export function scaleKeyOf(resolution: Triple, decimals = false): string {
  const withPoint = decimals || resolution.some((length) => !Number.isInteger(length))
  return resolution.map((length) => (withPoint ? pythonFloat(length) : pythonInteger(length))).join('_')
}

/** As Python's `repr`: exponents from 1e16 and below 1e-4. */
function pythonFloat(value: number): string {
  const [digits = '', exponentText = '0'] = value.toExponential().split('e')
  const exponent = Number(exponentText)
  if (exponent >= 16 || exponent < -4) {
    const size = String(Math.abs(exponent)).padStart(2, '0')
    return `${digits}e${exponent < 0 ? '-' : '+'}${size}`
  }
  if (Number.isInteger(value)) return `${pythonInteger(value)}.0`
  // JavaScript has exponents from below 1e-6 only.
  return exponent < -6 ? value.toFixed(20).replace(/0+$/, '') : String(value)
}

function pythonInteger(value: number): string {
  return BigInt(value).toString()
}
