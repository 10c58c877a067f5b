/**
 * Labels as RGB: 0 is black, every other label a bright colour of its own. A label always has the same colour, whatever
 * else is in the picture.
 */
export function colorLabels(labels: ArrayLike<number>): Uint8Array {
  const rgb = new Uint8Array(labels.length * 3)
  const known = new Map<number, readonly [number, number, number]>()
  for (let at = 0; at < labels.length; at++) {
    const label = labels[at] ?? 0
    if (label === 0) continue
    let color = known.get(label)
    if (color === undefined) {
      color = colorOf(label)
      known.set(label, color)
    }
    rgb.set(color, at * 3)
  }
  return rgb
}

function colorOf(label: number): readonly [number, number, number] {
  const [low, high] = [Math.abs(label) % 2 ** 24, Math.floor(Math.abs(label) / 2 ** 24)]
  const hash = mix((low | 0) ^ mix((high % 2 ** 32) | 0))
  // Steps of the golden ratio spread neighbouring labels over the hues.
  const hue = (low * 0.618033988749895 + mix((high % 2 ** 32) | 0) / 2 ** 32) % 1
  return hsvToRgb(hue, 0.55 + ((hash & 0xf) / 15) * 0.4, 0.75 + (((hash >> 4) & 0xf) / 15) * 0.25)
}

/** The finalizer of MurmurHash3. */
function mix(value: number): number {
  let hash = value
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

function hsvToRgb(hue: number, saturation: number, value: number): readonly [number, number, number] {
  const channel = (shift: number): number => {
    const k = (shift + hue * 6) % 6
    return Math.round(255 * value * (1 - saturation * Math.max(0, Math.min(k, 4 - k, 1))))
  }
  return [channel(5), channel(3), channel(1)]
}
