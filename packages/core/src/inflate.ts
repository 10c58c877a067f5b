import { SourceError } from './errors.js'
import { nodeModule } from './platform.js'

/**
 * Decodes a raw deflate stream (RFC 1951) by what the platform brings, never to more than `size` bytes.
 *
 * @throws ERR_CORRUPT_DATA for a damaged stream or any other size.
 */
export async function inflateRaw(bytes: Uint8Array, size: number): Promise<Uint8Array> {
  const zlib = nodeModule('node:zlib')
  try {
    const decoded = zlib === undefined ? await inflateByStream(bytes, size) : await inflateInThread(zlib, bytes, size)
    if (decoded.byteLength === size) return decoded
    throw new SourceError('ERR_CORRUPT_DATA', `a deflate stream gives ${decoded.byteLength} bytes, expected ${size}`)
  } catch (cause) {
    if (cause instanceof SourceError) throw cause
    throw new SourceError('ERR_CORRUPT_DATA', `a deflate stream is damaged or gives more than ${size} bytes`, { cause })
  }
}

/** In a thread of Node's pool, so that several entries are decoded at once. */
async function inflateInThread(zlib: typeof import('node:zlib'), bytes: Uint8Array, size: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    zlib.inflateRaw(bytes, { maxOutputLength: Math.max(1, size) }, (error, decoded) => {
      // A Buffer would behave unlike other byte arrays.
      if (error === null) resolve(new Uint8Array(decoded.buffer, decoded.byteOffset, decoded.byteLength))
      else reject(error)
    })
  })
}

async function inflateByStream(bytes: Uint8Array, size: number): Promise<Uint8Array> {
  const decoded = new Uint8Array(size)
  const reader = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader()
  let filled = 0
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    if (filled + part.value.byteLength > size) {
      await reader.cancel()
      throw new SourceError('ERR_CORRUPT_DATA', `a deflate stream gives more than ${size} bytes`)
    }
    decoded.set(part.value, filled)
    filled += part.value.byteLength
  }
  return decoded.subarray(0, filled)
}
