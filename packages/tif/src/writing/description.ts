import type { DType } from '@bioimage/core'
import { type NewImage, unsupported } from './new-image.js'

/** The description of the first page. @throws ERR_UNSUPPORTED for axes and dtypes that it cannot tell. */
export function descriptionOf(image: NewImage): string {
  if (image.description === 'ome') return omeXml(image)
  return image.description === 'imagej' ? imagejText(image) : shapedJson(image)
}

/** As tifffile writes it, which keeps axes of length 1; what it has no word for stands under a name of ours. */
function shapedJson({ shape, axes, metadata }: NewImage): string {
  const described = metadata.axes !== undefined || metadata.channels !== undefined
  const own = described ? { bioimage: { axes: metadata.axes, channels: metadata.channels } } : {}
  // Text of a field is ASCII (TIFF 6.0, section 2), and JSON can be.
  const json = JSON.stringify({ shape, ...(axes !== undefined && { axes }), ...own })
  return [...json].map((character) => (character > '~' ? escapeCharacter(character) : character)).join('')
}

function escapeCharacter(character: string): string {
  return Array.from({ length: character.length }, (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')
}

interface Hyperstack {
  /** Letters of the array's axes, without samples. */
  readonly letters: string
  sizeOf(letter: string): number
  scaleOf(letter: string): { readonly scale: number; readonly unit: string | undefined } | undefined
}

/** Default letters by the number of axes. */
const defaultLetters = ['', '', 'YX', 'ZYX', 'TZYX', 'TZCYX']

function hyperstackOf(image: NewImage, name: string): Hyperstack {
  const letters = (image.axes ?? defaultLetters[image.shape.length] ?? '').replace(/S$/, '')
  if (!/^[TZC]*YX$/.test(letters) || new Set(letters).size !== letters.length)
    throw unsupported(
      `${name} describes axes of T, Z and C before Y and X, not [${image.metadata.axes?.map((axis) => axis.name).join(', ') ?? image.shape.length}]`
    )
  const single = [...letters].findIndex((letter, at) => image.shape[at] === 1 && letter !== 'Y' && letter !== 'X')
  if (single >= 0)
    throw unsupported(
      `${name} has no axes of length 1, as axis ${single}: readers drop them; leave it out, or take \`description: 'shaped'\``
    )
  return {
    letters,
    sizeOf: (letter) => (letters.includes(letter) ? (image.shape[letters.indexOf(letter)] ?? 1) : 1),
    scaleOf: (letter) => {
      const axis = image.metadata.axes?.[letters.indexOf(letter)]
      return axis?.scale === undefined ? undefined : { scale: axis.scale, unit: axis.unit }
    }
  }
}

function imagejText(image: NewImage): string {
  const stack = hyperstackOf(image, 'ImageJ')
  if (
    !'TZCYX'
      .split('')
      .filter((letter) => stack.letters.includes(letter))
      .join('')
      .startsWith(stack.letters)
  )
    throw unsupported(`ImageJ orders axes as T, Z, C, Y, X, not ${stack.letters}`)
  if (!['uint8', 'uint16', 'float32'].includes(image.dtype) || (image.samples > 1 && (image.dtype !== 'uint8' || image.samples !== 3)))
    throw unsupported(`ImageJ holds uint8, uint16, float32 and RGB of uint8, not ${image.dtype} with ${image.samples} samples`)
  const [x, y, z, t] = ['X', 'Y', 'Z', 'T'].map(stack.scaleOf)
  // Lines are all that its fields are told apart by.
  for (const unit of [x?.unit, t?.unit]) checkPrintable('a unit', unit ?? '')
  if ([y, z].some((spacing) => spacing !== undefined && spacing.unit !== x?.unit))
    throw unsupported(
      `ImageJ has one unit for X, Y and Z, not ${[x, y, z].map((spacing) => JSON.stringify(spacing?.unit ?? 'none')).join(', ')}`
    )
  const lines = ['ImageJ=1.11a', `images=${image.planes}`]
  if (stack.sizeOf('C') > 1) lines.push(`channels=${stack.sizeOf('C')}`)
  if (stack.sizeOf('Z') > 1) lines.push(`slices=${stack.sizeOf('Z')}`)
  if (stack.sizeOf('T') > 1) lines.push(`frames=${stack.sizeOf('T')}`)
  if (image.planes > 1) lines.push('hyperstack=true')
  if (x?.unit !== undefined) lines.push(`unit=${x.unit === 'micrometer' ? 'micron' : x.unit}`)
  if (z !== undefined) lines.push(`spacing=${z.scale}`)
  if (t !== undefined) lines.push(`finterval=${t.scale}`)
  if (t?.unit !== undefined && t.unit !== 'second') lines.push(`tunit=${t.unit}`)
  return `${lines.join('\n')}\nloop=false\n`
}

const omeTypes: Partial<Record<DType, string>> = {
  int8: 'int8',
  int16: 'int16',
  int32: 'int32',
  uint8: 'uint8',
  uint16: 'uint16',
  uint32: 'uint32',
  float32: 'float',
  float64: 'double',
  complex64: 'complex',
  complex128: 'double-complex'
}

/** Symbols of units that OME-XML has, by their names. */
const omeUnits: ReadonlyMap<string, string> = new Map(
  Object.entries({
    picometer: 'pm',
    angstrom: 'Å',
    nanometer: 'nm',
    micrometer: 'µm',
    millimeter: 'mm',
    centimeter: 'cm',
    meter: 'm',
    nanosecond: 'ns',
    microsecond: 'µs',
    millisecond: 'ms',
    second: 's',
    minute: 'min',
    hour: 'h'
  })
)

function omeXml(image: NewImage): string {
  const stack = hyperstackOf(image, 'OME-XML')
  const type = omeTypes[image.dtype]
  if (type === undefined) throw unsupported(`OME-XML has no pixels of ${image.dtype}; take \`description: 'shaped'\``)
  const missing = ['T', 'Z', 'C'].filter((letter) => !stack.letters.includes(letter)).join('')
  const order = [...`${missing}${stack.letters}`].reverse().join('')
  const channels = stack.sizeOf('C')
  const attributes = [
    'ID="Pixels:0"',
    `DimensionOrder="${order}"`,
    `Type="${type}"`,
    ...['X', 'Y', 'Z', 'T'].map((letter) => `Size${letter}="${stack.sizeOf(letter)}"`),
    `SizeC="${channels * image.samples}"`,
    ...['X', 'Y', 'Z'].flatMap((letter) => physicalSize(`PhysicalSize${letter}`, stack.scaleOf(letter))),
    ...physicalSize('TimeIncrement', stack.scaleOf('T')),
    'BigEndian="false"'
  ]
  const names = image.metadata.channels
  for (const name of names ?? []) checkPrintable('a channel name', name)
  const channelElements = Array.from({ length: channels }, (_, at) => {
    const name = names?.length === channels ? ` Name="${escapeXml(names[at] ?? '')}"` : ''
    return `<Channel ID="Channel:0:${at}"${name} SamplesPerPixel="${image.samples}"/>`
  })
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"',
    ' xsi:schemaLocation="http://www.openmicroscopy.org/Schemas/OME/2016-06 http://www.openmicroscopy.org/Schemas/OME/2016-06/ome.xsd">',
    `<Image ID="Image:0"><Pixels ${attributes.join(' ')}>${channelElements.join('')}`,
    `<TiffData IFD="0" PlaneCount="${image.planes}"/></Pixels></Image></OME>`
  ].join('')
}

function physicalSize(name: string, size: { readonly scale: number; readonly unit: string | undefined } | undefined): readonly string[] {
  if (size === undefined) return []
  const unit = size.unit === undefined ? (name === 'TimeIncrement' ? 's' : 'pixel') : omeUnits.get(size.unit)
  if (unit === undefined) throw unsupported(`OME-XML has no unit ${JSON.stringify(size.unit)}`)
  return [`${name}="${size.scale}"`, `${name}Unit="${unit}"`]
}

/** Throws for texts that a line or an attribute of XML 1.0 cannot hold. */
function checkPrintable(what: string, text: string): void {
  if (/[\p{Cc}\p{Cs}\ufffe\uffff]/u.test(text))
    throw unsupported(`${what} with control characters, ${JSON.stringify(text)}; leave them out, or take \`description: 'shaped'\``)
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}
