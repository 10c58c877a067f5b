import { type Axis, asSource, isJsonObject, isSource, type Source } from '@bioimage/core'
import { sizeOf } from '@bioimage/core/backend'
import { sameList } from '../arrays/elements.js'
import { check, checkSame } from '../assert.js'
import type { Open, Suite } from '../suite.js'

const axisTypes = new Set(['space', 'time', 'channel', 'index'])

export function testMetadata(suite: Suite, open: Open): void {
  const { backend, reference } = suite
  suite.area('metadata', () => {
    suite.test('tells kind, shape and dtype', async ({ keep }) => {
      const source = keep(await open())
      check(source.kind === backend.kind, `kind is "${source.kind}", expected "${backend.kind}"`)
      checkSame(source.shape, reference.shape, 'shape')
      check(source.dtype === reference.dtype, `dtype is ${source.dtype}, expected ${reference.dtype}`)
      check(source.ndim === reference.shape.length, `ndim is ${source.ndim}, expected ${reference.shape.length}`)
      check(source.size === sizeOf(reference.shape), `size is ${source.size}, expected ${sizeOf(reference.shape)}`)
      check(typeof source.writable === 'boolean', `writable is ${String(source.writable)}`)
    })
    suite.test('tells chunks and shards that fit', async ({ keep }) => {
      const source = keep(await open())
      checkGrid(source)
      if (backend.chunks !== undefined) checkSame(source.chunks, backend.chunks, 'chunks')
      if (backend.shards !== undefined) checkSame(source.shards, backend.shards, 'shards')
    })
    suite.test('gives attributes that are JSON', async ({ keep }) => {
      const source = keep(await open())
      check(isJsonObject(source.attrs), 'attrs is not a plain object')
      check(
        JSON.stringify(JSON.parse(JSON.stringify(source.attrs))) === JSON.stringify(source.attrs),
        'attrs changes on its way through JSON'
      )
      if (backend.attrs !== undefined) checkSame(source.attrs, backend.attrs, 'attrs')
    })
    suite.test('describes its axes, channels and levels', async ({ keep }) => {
      const source = keep(await open())
      checkMetadata(source)
      if (backend.metadata !== undefined) checkSame(source.metadata, backend.metadata, 'metadata')
    })
    suite.test('is a source', async ({ keep }) => {
      const source = keep(await open())
      check(isSource(source), 'isSource does not recognise it')
      check((await asSource(source)) === source, 'asSource makes another source of it')
    })
  })
}

function checkGrid({ shape, chunks, shards }: Source): void {
  for (const [name, grid] of Object.entries({ chunks, shards })) {
    if (grid === null) continue
    const fits = grid.length === shape.length && grid.every((length) => Number.isSafeInteger(length) && length >= 1)
    check(fits, `${name} is [${grid.join(', ')}], expected one length of at least 1 per axis of [${shape.join(', ')}]`)
  }
  if (shards === null) return
  check(chunks !== null, 'there are shards without chunks')
  const whole = shards.every((length, axis) => length % (chunks[axis] ?? 1) === 0)
  check(whole && !sameList(shards, chunks), `shards of [${shards.join(', ')}] are not several whole chunks of [${chunks.join(', ')}]`)
}

function checkMetadata({ metadata, shape }: Source): void {
  const { axes, channels, levels } = metadata
  if (axes !== undefined) {
    check(axes.length === shape.length, `metadata.axes has ${axes.length} entries, the array has ${shape.length} axes`)
    for (const axis of axes) checkAxis(axis)
    check(new Set(axes.map(({ name }) => name)).size === axes.length, `two axes have one name: ${axes.map(({ name }) => name).join(', ')}`)
  }
  if (channels !== undefined) {
    const axis = axes?.findIndex(({ type }) => type === 'channel') ?? -1
    check(
      channels.every((channel) => typeof channel === 'string'),
      'metadata.channels are not all strings'
    )
    if (axis >= 0) check(channels.length === shape[axis], `metadata.channels has ${channels.length} names for ${shape[axis]} channels`)
  }
  for (const level of levels ?? []) {
    check(typeof level.internalPath === 'string', 'a level has no internalPath')
    for (const list of [level.scale, level.translation])
      check(
        list === undefined || list.length === shape.length,
        `level "${level.internalPath}" has ${list?.length} lengths for ${shape.length} axes`
      )
  }
}

function checkAxis({ name, type, unit, scale, translation }: Axis): void {
  check(typeof name === 'string' && name !== '', `an axis is called ${JSON.stringify(name)}`)
  check(axisTypes.has(type), `axis ${name} has the type "${type}", expected ${[...axisTypes].join(', ')}`)
  check(
    unit === undefined || /^[a-z][a-z ]*$/.test(unit),
    `axis ${name} has the unit "${unit}", expected one spelled out, such as "nanometer"`
  )
  check(scale === undefined || (Number.isFinite(scale) && scale !== 0), `axis ${name} has the scale ${scale}`)
  check(translation === undefined || Number.isFinite(translation), `axis ${name} has the translation ${translation}`)
}
