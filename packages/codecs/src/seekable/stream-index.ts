import { isJsonObject, type Json, type JsonObject, SourceError } from '@bioimage/core'
import { decodeBytes, encodeBytes } from '../decode-bytes.js'
import { type StreamPlace, windowBytes } from './inflate-from.js'
import type { StreamFormat } from './stream-format.js'

/** A place to begin from, and the checksum of what lies between it and the next one. */
export interface Checkpoint {
  readonly place: StreamPlace
  /** `undefined` for the last one. */
  readonly segmentChecksum: number | undefined
}

/** An index that was stored. */
export interface StreamIndex {
  /** In order. */
  readonly checkpoints: Checkpoint[]
  readonly span: number
}

// What is stored: the magic; compressed by zlib, the length of a JSON text as 32 bits, the text, and per checkpoint the header of its block
// and its window.
const magic = new TextEncoder().encode('BIOSEEK1')
const maximalBytes = 256 << 20
const states: readonly StreamPlace['state'][] = ['member', 'header', 'codes', 'stored', 'trailer', 'padding', 'end']

/** All checkpoints of a stream as bytes. */
export async function encodeIndex({ checkpoints, span }: StreamIndex, format: StreamFormat, length: number): Promise<Uint8Array> {
  const list = checkpoints.map(({ place: { window, blockHeader, ...place }, segmentChecksum }) => ({
    ...place,
    windowLength: window.byteLength,
    headerLength: blockHeader.byteLength,
    ...(segmentChecksum !== undefined && { segmentChecksum })
  }))
  const text = new TextEncoder().encode(JSON.stringify({ format: format.id, length, span, checkpoints: list }))
  const head = new Uint8Array(4)
  new DataView(head.buffer).setUint32(0, text.byteLength, true)
  const parts = [head, text, ...checkpoints.flatMap(({ place }) => [place.blockHeader, place.window])]
  return concatenated([magic, await encodeBytes({ id: 'zlib', level: 1 }, concatenated(parts))])
}

/**
 * Reads what {@link encodeIndex} wrote.
 *
 * @throws ERR_CORRUPT_DATA for anything else, and for an index of another stream.
 */
export async function decodeIndex(index: Uint8Array, format: StreamFormat, length: number): Promise<StreamIndex> {
  if (magic.some((byte, at) => index[at] !== byte)) throw damaged('it does not begin with "BIOSEEK1"')
  const bytes = await decodeBytes({ id: 'zlib' }, index.subarray(magic.byteLength), { maxBytes: maximalBytes })
  const textLength = bytes.byteLength < 4 ? 0 : new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true)
  const document = parse(bytes.subarray(4, 4 + textLength))
  if (document.format !== format.id || document.length !== length) {
    throw damaged(`it is of a ${String(document.format)} stream of ${String(document.length)} bytes, found ${format.id} and ${length}`)
  }
  const { checkpoints: list } = document
  const checkpoints: Checkpoint[] = []
  let position = 4 + textLength
  const take = (count: number): Uint8Array => {
    const part = bytes.slice(position, position + count)
    if (part.byteLength !== count) throw damaged('it is cut')
    position += count
    return part
  }
  for (const entry of Array.isArray(list) ? list : []) {
    if (!isJsonObject(entry)) throw damaged('a checkpoint is no object')
    const headerLength = integer(entry, 'headerLength', 4096)
    const windowLength = integer(entry, 'windowLength', windowBytes)
    checkpoints.push({
      place: placeOf(entry, take(headerLength), take(windowLength)),
      segmentChecksum: entry.segmentChecksum === undefined ? undefined : integer(entry, 'segmentChecksum', 2 ** 32)
    })
  }
  const [first] = checkpoints
  if (first?.place.output !== 0 || checkpoints.at(-1)?.place.state !== 'end')
    throw damaged('it does not reach from the beginning to the end')
  const isOrdered = checkpoints.every(({ place }, at) => place.output >= (checkpoints[at - 1]?.place.output ?? 0) && place.input <= length)
  if (!isOrdered) throw damaged('its checkpoints are not in order')
  return { checkpoints, span: integer(document, 'span', Number.MAX_SAFE_INTEGER) }
}

function placeOf(entry: JsonObject, blockHeader: Uint8Array, window: Uint8Array): StreamPlace {
  const state = states.find((state) => state === entry.state)
  if (state === undefined) throw damaged(`a checkpoint has the state ${JSON.stringify(entry.state)}`)
  return {
    state,
    input: integer(entry, 'input', Number.MAX_SAFE_INTEGER),
    bit: integer(entry, 'bit', 7),
    output: integer(entry, 'output', Number.MAX_SAFE_INTEGER),
    storedLeft: integer(entry, 'storedLeft', 65535),
    isLastBlock: entry.isLastBlock === true,
    blockHeader,
    blockHeaderBit: integer(entry, 'blockHeaderBit', 7),
    window,
    checksum: integer(entry, 'checksum', 2 ** 32),
    memberLength: integer(entry, 'memberLength', Number.MAX_SAFE_INTEGER)
  }
}

function parse(text: Uint8Array): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text))
  } catch (cause) {
    throw damaged('its text is no JSON', cause)
  }
  if (!isJsonObject(value)) throw damaged('its text is no object')
  return value
}

function integer(entry: JsonObject, name: string, largest: number): number {
  const value: Json | undefined = entry[name]
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= largest) return value
  throw damaged(`${name} is ${JSON.stringify(value)?.slice(0, 40)}`)
}

function damaged(reason: string, cause?: unknown): SourceError {
  return new SourceError('ERR_CORRUPT_DATA', `not an index of this compressed stream: ${reason}; leave it out, or make a new one`, {
    cause
  })
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.byteLength, 0))
  let position = 0
  for (const part of parts) {
    whole.set(part, position)
    position += part.byteLength
  }
  return whole
}
