import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSource, slice } from '@bioimage/core'
import '@bioimage/tif'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { makeTiff } from './make-tiff.js'

const folder = mkdtempSync(join(tmpdir(), 'bioimage-tif-sets-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface SetPlane {
  readonly uuid: string
  readonly fileName?: string | undefined
}

function omeXml(uuid: string | undefined, planes: readonly SetPlane[]): string {
  const own = uuid === undefined ? '' : ` UUID="urn:uuid:${uuid}"`
  const data = planes.map((plane, z) => {
    const name = plane.fileName === undefined ? '' : ` FileName="${plane.fileName}"`
    return `<TiffData FirstZ="${z}" IFD="0" PlaneCount="1"><UUID${name}>urn:uuid:${plane.uuid}</UUID></TiffData>`
  })
  const pixels = `<Pixels DimensionOrder="XYZCT" Type="uint8" SizeX="2" SizeY="2" SizeZ="${planes.length}" SizeC="1" SizeT="1">`
  return `<?xml version="1.0"?><OME${own}><Image ID="Image:0">${pixels}<Channel/>${data.join('')}</Pixels></Image></OME>`
}

const filled = (value: number, description: string) => makeTiff([{ width: 2, length: 2, data: new Uint8Array(4).fill(value), description }])

const planes = ['a', 'b'].map((uuid) => ({ uuid, fileName: `${uuid}.ome.tif` }))
const first = filled(1, omeXml('a', planes))
const second = filled(2, omeXml('b', planes))

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** Serves files whole or by ranges; a number is the status that it answers with. Each answer waits for `ready`. */
async function serve(
  files: Readonly<Record<string, Uint8Array | number>>,
  ready: (path: string) => Promise<void> = () => Promise.resolve()
): Promise<string> {
  const server = createServer(async (request, response) => {
    await ready(request.url ?? '')
    const file = files[(request.url ?? '').slice(1)] ?? 404
    if (typeof file === 'number') return void response.writeHead(file).end()
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? []
    const start = Number(from ?? 0)
    const end = Math.min(to === undefined || to === '' ? file.byteLength : Number(to) + 1, file.byteLength)
    const headers = { 'content-length': end - start, 'accept-ranges': 'bytes' }
    const range = from === undefined ? {} : { 'content-range': `bytes ${start}-${end - 1}/${file.byteLength}` }
    response.writeHead(from === undefined ? 200 : 206, { ...headers, ...range })
    response.end(request.method === 'HEAD' ? undefined : file.subarray(start, end))
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return `http://127.0.0.1:${address.port}`
}

describe('the other files of an OME set', () => {
  it.each([401, 403])('that answer %d are errors where their planes are read', async (status) => {
    const source = await openSource(`${await serve({ 'a.ome.tif': first, 'b.ome.tif': status })}/a.ome.tif`)
    expect(source.shape).toEqual([2, 2, 2])
    expect(await source.get([0, 1, 1])).toBe(1)
    await expect(source.get([1, 0, 0])).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED' })
    await expect(source.get()).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED' })
  })

  it('that answer 404 are planes of 0', async () => {
    const source = await openSource(`${await serve({ 'a.ome.tif': first })}/a.ome.tif`)
    expect([...(await source.get([slice(), 0, 0])).data]).toEqual([1, 0])
  })

  it('are read where they are there', async () => {
    const source = await openSource(`${await serve({ 'a.ome.tif': first, 'b.ome.tif': second })}/b.ome.tif`)
    expect([...(await source.get([slice(), 0, 0])).data]).toEqual([1, 2])
  })

  it('are opened once for all who wait, whoever gives up', async () => {
    let release = (): void => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    let asked = (): void => {}
    const request = new Promise<void>((resolve) => {
      asked = resolve
    })
    let held = false
    const ready = async (path: string): Promise<void> => {
      if (!held || path !== '/b.ome.tif') return
      asked()
      await released
    }
    // More planes than are looked at when it is opened.
    const many = Array.from({ length: 20 }, (_, at) => ({ uuid: at < 19 ? 'a' : 'b', fileName: at < 19 ? 'a.ome.tif' : 'b.ome.tif' }))
    const pages = many.slice(0, 19).map(() => ({ width: 2, length: 2, data: new Uint8Array(5).fill(1) }))
    const text = omeXml('a', many).replace(/FirstZ="(\d+)" IFD="0"/g, (_, z) => `FirstZ="${z}" IFD="${z === '19' ? 0 : z}"`)
    const main = makeTiff(pages.map((page, at) => (at === 0 ? { ...page, description: text } : page)))
    const source = await openSource(`${await serve({ 'a.ome.tif': main, 'b.ome.tif': second }, ready)}/a.ome.tif`)
    held = true
    const first = new AbortController()
    const given = source.get([19, 0, 0], { signal: first.signal })
    await request
    const kept = source.get([19, 1, 1], { signal: new AbortController().signal })
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 0))
    first.abort()
    await expect(given).rejects.toMatchObject({ name: 'AbortError' })
    release()
    expect(await kept).toBe(2)
  })

  it('cannot be found from a Blob, whose own planes are read', async () => {
    const source = await openSource(new Blob([Uint8Array.from(second)]), { format: 'tif' })
    expect(source.shape).toEqual([2, 2, 2])
    expect(await source.get([1, 0, 0])).toBe(2)
    await expect(source.get([0, 0, 0])).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
  })

  it('are errors outside the folder', async () => {
    const path = join(folder, 'outside.ome.tif')
    writeFileSync(path, filled(1, omeXml('a', [{ uuid: 'a' }, { uuid: 'b', fileName: '/elsewhere/b.ome.tif' }])))
    const source = await openSource(path)
    expect(await source.get([0, 0, 0])).toBe(1)
    await expect(source.get([1, 0, 0])).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED' })
  })

  it('that have a UUID but no name are not this file', async () => {
    const path = join(folder, 'nameless.ome.tif')
    writeFileSync(path, filled(1, omeXml('a', [{ uuid: 'a' }, { uuid: 'b' }])))
    const source = await openSource(path)
    expect(await source.get([0, 0, 0])).toBe(1)
    await expect(source.get([1, 0, 0])).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
  })
})

describe('a file that was renamed', () => {
  const renamed = makeTiff(
    [1, 2].map((value) => ({
      width: 2,
      length: 2,
      data: new Uint8Array(4).fill(value),
      ...(value === 1 && {
        description: omeXml(undefined, [
          { uuid: 'a', fileName: 'old.ome.tif' },
          { uuid: 'a', fileName: 'old.ome.tif' }
        ]).replace('FirstZ="1" IFD="0"', 'FirstZ="1" IFD="1"')
      })
    }))
  )

  it('is read by its own pages, also where its old name may not be looked for', async () => {
    const url = await serve({ 'new.ome.tif': renamed, 'old.ome.tif': 403 })
    for (const source of [
      await openSource(`${url}/new.ome.tif`),
      await openSource(new Blob([Uint8Array.from(renamed)]), { format: 'tif' })
    ])
      expect([...(await source.get([slice(), 0, 0])).data]).toEqual([1, 2])
  })
})

describe('a file whose metadata are in another', () => {
  const binaryOnly = filled(
    5,
    '<?xml version="1.0"?><OME UUID="urn:uuid:b"><BinaryOnly MetadataFile="set.companion.ome" UUID="urn:uuid:c"/></OME>'
  )

  it('is an error where that may not be read, and has pages of its own', async () => {
    const url = `${await serve({ 'b.ome.tif': binaryOnly, 'set.companion.ome': 403 })}/b.ome.tif`
    await expect(openSource(url)).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED', message: expect.stringContaining('seriesKind') })
    expect(await (await openSource(url, { seriesKind: 'plain' })).get([0, 0])).toBe(5)
  })
})
