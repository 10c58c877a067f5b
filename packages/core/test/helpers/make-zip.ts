import { crc32, deflateRawSync } from 'node:zlib'

/** An entry to write, with what may be wrong about it. */
export interface ZipPart {
  readonly name: string
  readonly data: Uint8Array
  /** 0 stored, 8 deflated; any other is written as it is given. Defaults to 0. */
  readonly method?: number
  readonly flags?: number
  readonly crc?: number
  /** Sizes and place that the directory announces. */
  readonly size?: number
  readonly compressedSize?: number
  readonly headerOffset?: number
  /** Puts sizes and place into the extra field of zip64. */
  readonly zip64?: boolean
}

/** A zip file in two pieces, so that the second can be placed anywhere behind the first. */
export interface ZipPieces {
  readonly body: Uint8Array
  /** Directory and end record, for a body that begins at `bodyOffset` and ends at `directoryOffset`. */
  directory(bodyOffset: number, directoryOffset: number): Uint8Array
}

/** A zip file, written by the letter of APPNOTE 6.3 and, where a part says so, against it. */
export function makeZip(
  parts: readonly ZipPart[],
  options: { comment?: Uint8Array; zip64?: boolean; count?: number } = {}
): Uint8Array<ArrayBuffer> {
  const { body, directory } = makeZipPieces(parts, options)
  return join([body, directory(0, body.byteLength)])
}

export function makeZipPieces(
  parts: readonly ZipPart[],
  { comment = new Uint8Array(0), zip64 = false, count = parts.length }: { comment?: Uint8Array; zip64?: boolean; count?: number } = {}
): ZipPieces {
  const bodies: Uint8Array[] = []
  const offsets: number[] = []
  let at = 0
  for (const part of parts) {
    offsets.push(at)
    const { name, flags, method, crc, stored } = prepared(part)
    const header = fields(
      [4, 0x04034b50],
      [2, 20],
      [2, flags],
      [2, method],
      [4, 0],
      [4, crc],
      [4, stored.byteLength],
      [4, part.data.byteLength]
    )
    const local = join([header, fields([2, name.byteLength], [2, 3]), name, Uint8Array.of(1, 2, 3), stored])
    bodies.push(local)
    at += local.byteLength
  }
  return {
    body: join(bodies),
    directory(bodyOffset, directoryOffset) {
      const headers = join(parts.map((part, index) => directoryHeader(part, bodyOffset + (offsets[index] ?? 0))))
      const wide = zip64 ? endOfZip64(count, headers.byteLength, directoryOffset) : new Uint8Array(0)
      const end = fields(
        [4, 0x06054b50],
        [4, 0],
        [2, zip64 ? 0xffff : count],
        [2, zip64 ? 0xffff : count],
        [4, zip64 ? 0xffffffff : headers.byteLength],
        [4, zip64 ? 0xffffffff : directoryOffset],
        [2, comment.byteLength]
      )
      return join([headers, wide, end, comment])
    }
  }
}

function prepared(part: ZipPart): { name: Uint8Array; flags: number; method: number; crc: number; stored: Uint8Array } {
  const { method = 0, flags = 0x800, crc = crc32(part.data) } = part
  return { name: new TextEncoder().encode(part.name), flags, method, crc, stored: method === 8 ? deflateRawSync(part.data) : part.data }
}

function directoryHeader(part: ZipPart, offset: number): Uint8Array {
  const { name, flags, method, crc, stored } = prepared(part)
  const { size = part.data.byteLength, compressedSize = stored.byteLength, headerOffset = offset, zip64 = false } = part
  const extra = zip64 ? fields([2, 0x9999], [2, 1], [1, 0], [2, 1], [2, 24], [8, size], [8, compressedSize], [8, headerOffset]) : fields()
  const narrow = (value: number): number => (zip64 ? 0xffffffff : value)
  return join([
    fields([4, 0x02014b50], [2, 20], [2, 20], [2, flags], [2, method], [4, 0], [4, crc], [4, narrow(compressedSize)], [4, narrow(size)]),
    fields([2, name.byteLength], [2, extra.byteLength], [2, 0], [4, 0], [4, 0], [4, narrow(headerOffset)]),
    name,
    extra
  ])
}

function endOfZip64(count: number, length: number, offset: number): Uint8Array {
  return join([
    fields([4, 0x06064b50], [8, 44], [2, 45], [2, 45], [4, 0], [4, 0], [8, count], [8, count], [8, length], [8, offset]),
    fields([4, 0x07064b50], [4, 0], [8, offset + length], [4, 1])
  ])
}

/** Little-endian integers, given as size in bytes and value. */
function fields(...values: readonly (readonly [size: number, value: number])[]): Uint8Array {
  return Uint8Array.from(values.flatMap(([size, value]) => Array.from({ length: size }, (_, at) => Math.floor(value / 256 ** at) % 256)))
}

function join(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(pieces.flatMap((piece) => Array.from(piece)))
}
