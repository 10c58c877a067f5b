/** Units of lengths and times: the name that metadata have here, and the spellings that occur, the first of which is written. */
const spellings: Readonly<Record<string, readonly string[]>> = {
  angstrom: ['angstrom', 'Å', 'Å', 'ångström', 'angstroms'],
  picometer: ['pm', 'picometers'],
  nanometer: ['nm', 'nanometers', 'nanometre', 'nanometres'],
  micrometer: ['um', 'µm', 'μm', 'micrometers', 'micrometre', 'micrometres', 'micron', 'microns'],
  millimeter: ['mm', 'millimeters', 'millimetre', 'millimetres'],
  centimeter: ['cm', 'centimeters', 'centimetre', 'centimetres'],
  meter: ['m', 'meters', 'metre', 'metres'],
  nanosecond: ['ns', 'nanoseconds'],
  microsecond: ['us', 'µs', 'μs', 'microseconds'],
  millisecond: ['ms', 'milliseconds'],
  second: ['s', 'sec', 'seconds'],
  minute: ['min', 'minutes'],
  hour: ['h', 'hours']
}

const names: ReadonlyMap<string, string> = new Map(
  Object.entries(spellings).flatMap(([name, others]) => [name, ...others].map((spelling) => [spelling, name] as const))
)

/** The name of a unit, spelled out; `undefined` for none, and for pixels, which are none. */
export function parseUnit(text: string): string | undefined {
  const trimmed = text.trim()
  const known = names.get(trimmed) ?? names.get(trimmed.toLowerCase())
  if (known !== undefined) return known
  return /^[a-z][a-z ]*$/.test(trimmed) && !/^(pixel|voxel|px)s?$/.test(trimmed) ? trimmed : undefined
}

/** The symbol that viewers of N5 understand. */
export function formatUnit(unit: string): string {
  return spellings[unit]?.[0] ?? unit
}
