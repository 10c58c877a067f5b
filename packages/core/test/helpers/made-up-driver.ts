import {
  arraySource,
  type OpenRequest,
  type Reader,
  type Source,
  type SourceDriver,
  SourceError,
  type SpecBase,
  specOf
} from '../../src/index.js'

/** What a driver of these tests was asked. */
export interface MadeUpDriver {
  readonly driver: SourceDriver
  readonly opened: OpenRequest[]
  readonly specs: SpecBase[]
  loads(): number
}

/** A backend whose arrays hold 0, 1, 2, and whose reader notes what it is asked. */
export function madeUpDriver(kind: string, options: Partial<SourceDriver> = {}, reader: Partial<Reader> = {}): MadeUpDriver {
  const opened: OpenRequest[] = []
  const specs: SpecBase[] = []
  let loads = 0
  const driver: SourceDriver = {
    api: 1,
    kind,
    id: `@made-up/${kind}`,
    extensions: [`.${kind}`],
    writable: false,
    layout: 'file',
    schema: { level: 'integer' },
    async load() {
      loads++
      return {
        async open(request) {
          opened.push(request)
          const path = request.internalPath
          if ((await request.location.store.size('')) === undefined) throw new SourceError('ERR_NOT_FOUND', 'nothing there')
          return { ...members(arraySource(Uint8Array.of(0, 1, 2))), kind, toSpec: specOf(kind, request, path) ?? (() => ({ kind })) }
        },
        ...reader
      }
    },
    ...options
  }
  return { driver, opened, specs, loads: () => loads }
}

/** The members of a source as a plain object, to change some of them. */
function members(source: Source): Source {
  return {
    kind: source.kind,
    shape: source.shape,
    dtype: source.dtype,
    ndim: source.ndim,
    size: source.size,
    chunks: source.chunks,
    shards: source.shards,
    writable: source.writable,
    attrs: source.attrs,
    metadata: source.metadata,
    get: source.get.bind(source),
    set: source.set.bind(source),
    toSpec: () => source.toSpec(),
    close: () => source.close(),
    [Symbol.asyncDispose]: () => source.close()
  }
}
