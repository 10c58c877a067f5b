/** Units as OME-XML and ImageJ write them, spelled as in OME-NGFF. */
const units: ReadonlyMap<string, string> = new Map(
  Object.entries({
    pm: 'picometer',
    å: 'angstrom',
    nm: 'nanometer',
    µm: 'micrometer',
    um: 'micrometer',
    micron: 'micrometer',
    microns: 'micrometer',
    mm: 'millimeter',
    cm: 'centimeter',
    m: 'meter',
    km: 'kilometer',
    in: 'inch',
    inch: 'inch',
    ft: 'foot',
    mi: 'mile',
    ns: 'nanosecond',
    µs: 'microsecond',
    us: 'microsecond',
    ms: 'millisecond',
    s: 'second',
    sec: 'second',
    min: 'minute',
    h: 'hour',
    d: 'day'
  })
)

/** The spelled-out name of a unit; unknown ones stay as they are, and one that says nothing is `undefined`. */
export function unitName(text: string | undefined): string | undefined {
  // ImageJ escapes the micro sign; the Greek letter is another character.
  const unit = text
    ?.trim()
    .replace(/\\u00b5/i, 'µ')
    .replace('μ', 'µ')
  if (unit === undefined || unit === '' || /^(pixels?|reference frame|null)$/i.test(unit)) return undefined
  return units.get(unit.toLowerCase()) ?? units.get(unit) ?? unit
}
