import { corrupt } from '../errors.js'

/** One place of planes in a file (element TiffData). */
export interface TiffData {
  /** First plane, along the axes Z, C and T. */
  readonly first: Readonly<Record<string, number>>
  readonly ifd: number
  /** Planes that follow each other; `undefined` for all pages of the file. */
  readonly planes: number | undefined
  /** UUID of the file, without `urn:uuid:`; `undefined` for this one. */
  readonly uuid: string | undefined
  readonly fileName: string | undefined
}

/** Axis that is split into two (annotation Modulo). */
export interface Modulo {
  readonly axis: string
  readonly type: string
  readonly count: number
}

/** One image (element Image with its Pixels). */
export interface OmeImage {
  readonly name: string
  /** Axes from the fastest, such as `XYZCT`. */
  readonly dimensionOrder: string
  readonly sizes: Readonly<Record<string, number>>
  readonly channels: readonly { readonly name: string | undefined; readonly samplesPerPixel: number }[]
  readonly tiffData: readonly TiffData[]
  /** Size of a voxel and its unit, by axis: `X`, `Y`, `Z`, and `T` for the time between frames. */
  readonly physicalSizes: Readonly<Record<string, { readonly size: number; readonly unit: string | undefined }>>
  readonly annotations: readonly string[]
}

/** What an OME-XML document says of files and pixels. Everything else is in the text. */
export interface OmeDocument {
  readonly uuid: string | undefined
  /** File that holds the metadata, where this document does not. */
  readonly metadataFile: string | undefined
  readonly images: readonly OmeImage[]
  readonly modulos: ReadonlyMap<string, readonly Modulo[]>
}

type Attributes = Readonly<Record<string, string>>
type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Longer texts are no metadata. */
const maximalDepth = 200

/**
 * Parses an OME-XML document by the local names of its elements, since namespaces vary. Entities of its own are not resolved.
 *
 * @throws ERR_CORRUPT_DATA if the text is not well formed.
 */
export async function parseOmeXml(text: string): Promise<OmeDocument> {
  const { SaxesParser } = await import('saxes')
  const parser = new SaxesParser({ xmlns: false })
  const builder = new DocumentBuilder()
  let depth = 0
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', (tag) => {
    if (++depth > maximalDepth) throw new Error(`elements nest deeper than ${maximalDepth}`)
    builder.open(localName(tag.name), tag.attributes)
  })
  parser.on('text', (content) => builder.text(content))
  parser.on('closetag', (tag) => {
    depth--
    builder.close(localName(tag.name))
  })
  try {
    parser.write(text).close()
  } catch (error) {
    throw corrupt(`the OME-XML is not well formed: ${error instanceof Error ? error.message : String(error)}`, error)
  }
  return builder.document()
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}

class DocumentBuilder {
  #uuid: string | undefined
  #metadataFile: string | undefined
  readonly #images: OmeImage[] = []
  readonly #modulos = new Map<string, Modulo[]>()
  #image: Attributes = {}
  #annotations: string[] = []
  #pixels: Attributes | undefined
  #channels: OmeImage['channels'][number][] = []
  #tiffData: Mutable<TiffData>[] = []
  #readsUuid = false
  #annotation: { id: string; isModulo: boolean } | undefined
  #along: { axis: string; attributes: Attributes; labels: number } | undefined

  open(name: string, attributes: Attributes): void {
    switch (name) {
      case 'OME':
        this.#uuid = plainUuid(attributes.UUID)
        break
      case 'BinaryOnly':
        this.#metadataFile = attributes.MetadataFile
        break
      case 'Image':
        this.#image = attributes
        this.#annotations = []
        break
      case 'Pixels':
        this.#pixels = attributes
        this.#channels = []
        this.#tiffData = []
        break
      case 'AnnotationRef':
        if (this.#pixels === undefined && attributes.ID !== undefined) this.#annotations.push(attributes.ID)
        break
      case 'Channel':
        if (this.#pixels !== undefined)
          this.#channels.push({ name: attributes.Name, samplesPerPixel: integer(attributes.SamplesPerPixel, 1) })
        break
      case 'TiffData':
        this.#tiffData.push({
          first: { Z: integer(attributes.FirstZ, 0), C: integer(attributes.FirstC, 0), T: integer(attributes.FirstT, 0) },
          ifd: integer(attributes.IFD, 0),
          planes: planeCount(attributes),
          uuid: undefined,
          fileName: undefined
        })
        break
      case 'UUID': {
        const data = this.#tiffData.at(-1)
        if (data === undefined || data.uuid !== undefined) break
        data.fileName = attributes.FileName
        data.uuid = ''
        this.#readsUuid = true
        break
      }
      case 'XMLAnnotation':
        this.#annotation = { id: attributes.ID ?? '', isModulo: /modulo$/i.test(attributes.Namespace ?? '') }
        break
      case 'Label':
        if (this.#along !== undefined) this.#along.labels++
        break
      default:
        if (this.#annotation?.isModulo === true && /^ModuloAlong[A-Z]$/.test(name))
          this.#along = { axis: name.slice(-1), attributes, labels: 0 }
    }
  }

  text(content: string): void {
    const data = this.#tiffData.at(-1)
    if (this.#readsUuid && data !== undefined) data.uuid = (data.uuid ?? '') + content
  }

  close(name: string): void {
    if (name === 'UUID' && this.#readsUuid) {
      const data = this.#tiffData.at(-1)
      if (data !== undefined) data.uuid = plainUuid(data.uuid) ?? ''
      this.#readsUuid = false
    } else if (name === 'Pixels' && this.#pixels !== undefined) {
      this.#images.push(this.#finishImage(this.#pixels))
      this.#pixels = undefined
    } else if (name === 'XMLAnnotation') this.#annotation = undefined
    else if (this.#along !== undefined && name === `ModuloAlong${this.#along.axis}`) {
      const { axis, attributes, labels } = this.#along
      const id = this.#annotation?.id ?? ''
      this.#modulos.set(id, [
        ...(this.#modulos.get(id) ?? []),
        { axis, type: attributes.Type ?? 'other', count: moduloCount(attributes, labels) }
      ])
      this.#along = undefined
    }
  }

  #finishImage(pixels: Attributes): OmeImage {
    const sizes = Object.fromEntries(['X', 'Y', 'Z', 'C', 'T'].map((axis) => [axis, integer(pixels[`Size${axis}`], 1)]))
    const physicalSizes: Record<string, { size: number; unit: string | undefined }> = {}
    for (const axis of ['X', 'Y', 'Z']) {
      const size = Number(pixels[`PhysicalSize${axis}`])
      if (size > 0) physicalSizes[axis] = { size, unit: pixels[`PhysicalSize${axis}Unit`] ?? 'µm' }
    }
    const increment = Number(pixels.TimeIncrement)
    if (increment > 0) physicalSizes.T = { size: increment, unit: pixels.TimeIncrementUnit ?? 's' }
    return {
      name: this.#image.Name ?? '',
      dimensionOrder: pixels.DimensionOrder ?? 'XYZCT',
      sizes,
      channels: this.#channels,
      tiffData: this.#tiffData,
      physicalSizes,
      annotations: this.#annotations
    }
  }

  document(): OmeDocument {
    return { uuid: this.#uuid, metadataFile: this.#metadataFile, images: this.#images, modulos: this.#modulos }
  }
}

function integer(text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 0) throw corrupt(`the OME-XML has ${JSON.stringify(text)} where an integer is due`)
  return value
}

/** `NumPlanes` is the old name. With a directory but no number it is one plane. */
function planeCount({ PlaneCount, NumPlanes, IFD }: Attributes): number | undefined {
  const count = integer(PlaneCount ?? NumPlanes, IFD === undefined ? 0 : 1)
  return count === 0 ? undefined : count
}

function plainUuid(text: string | undefined): string | undefined {
  return text
    ?.trim()
    .replace(/^urn:uuid:/i, '')
    .toLowerCase()
}

function moduloCount({ Start, End, Step }: Attributes, labels: number): number {
  if (Start === undefined) return labels
  const step = Number(Step ?? 1)
  const count = Math.ceil((Number(End) + step - Number(Start)) / step)
  if (!Number.isSafeInteger(count) || count < 1) throw corrupt('the OME-XML has a Modulo annotation without a size')
  return count
}
