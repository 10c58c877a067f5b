import { rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { SourceMetadata } from '@bioimage/core'
import { encode } from 'fast-png'
import { chooseLevel } from '../choose-array.js'
import { percentileWindow, stretch, type Window } from '../contrast.js'
import { UsageError } from '../failure.js'
import { type InputOptions, openOptionsOf, shownPath } from '../input.js'
import { colorLabels } from '../label-colors.js'
import { bytesOfChunk, divideMemory, openWithin } from '../memory.js'
import { aboutOutput } from '../output-error.js'
import { choosePlane, namedAxes, type Plane, type PlaneRequest } from '../plane.js'
import { render } from '../render.js'
import type { Session } from '../session.js'
import { formatNumber } from '../units.js'

export interface PreviewOptions extends PlaneRequest, InputOptions {
  readonly out: string
  readonly percentile: readonly [number, number]
  readonly range?: readonly [number, number] | undefined
  readonly size: number
  readonly labels?: boolean | undefined
  readonly fullResolution?: boolean | undefined
  readonly memory: number
}

/** `bioimage preview PATH -o x.png`: a slice or maximum projection as an 8-bit PNG. */
export async function preview(session: Session, [path = '']: readonly string[], options: PreviewOptions): Promise<void> {
  const open = openOptionsOf(session, options)
  const { source: named, memory } = await openWithin(path, open, options.memory, 1)
  let drawn = named
  try {
    const labels = options.labels === true
    if (labels && !/^u?int|bool/.test(named.dtype)) throw new UsageError(`--labels draws integers; the array holds ${named.dtype}`)
    const wanted = choosePlane(named, options)
    const level =
      options.fullResolution === true
        ? { source: named, plane: wanted, instead: undefined }
        : await chooseLevel(named, wanted, options.size, path, { ...open, context: memory.context })
    drawn = level.source
    // Levels may have larger chunks than the array.
    if (drawn !== named) divideMemory(options.memory, bytesOfChunk(drawn), session.context, 1)
    const { plane } = level
    const picture = await render(drawn, { plane, size: options.size, nearest: labels, memory, signal: session.signal })
    const { width, height, values } = picture
    const window: Window = options.range ? { low: options.range[0], high: options.range[1] } : percentileWindow(values, options.percentile)
    const data = labels ? colorLabels(values) : stretch(values, window)
    await writeWhole(options.out, encode({ width, height, data, channels: labels ? 3 : 1, depth: 8 }))
    const where = describePlane(plane, { shape: drawn.shape, metadata: drawn.metadata })
    session.printJson({
      path: shownPath(path),
      array: level.instead ?? options.array ?? null,
      out: options.out,
      width,
      height,
      slice: Object.fromEntries(plane.fixed.map(({ axis, index }) => [namedAxes(drawn)[axis]?.name ?? axis, index])),
      projected: plane.projected === undefined ? null : (namedAxes(drawn)[plane.projected]?.name ?? plane.projected),
      ...(!labels && { window })
    })
    if (level.instead !== undefined) session.note(`drawn from the coarser level ${level.instead}; --full-resolution takes the array itself`)
    if (!labels && window.low === window.high) session.note(`all of the picture has the value ${formatNumber(window.low)}`)
    const contrast = labels ? 'labels' : `${formatNumber(window.low)} black, ${formatNumber(window.high)} white`
    session.print(`wrote ${options.out}  ${width} × ${height}  ${where}  ${contrast}`)
  } finally {
    await drawn.close()
    if (named !== drawn) await named.close()
  }
}

function describePlane(plane: Plane, source: { readonly shape: readonly number[]; readonly metadata: SourceMetadata }): string {
  const name = (axis: number): string => namedAxes(source)[axis]?.name ?? String(axis)
  const parts = plane.fixed.map(({ axis, index }) => `${name(axis)}=${index}`)
  if (plane.projected !== undefined) parts.push(`maximum along ${name(plane.projected)}`)
  return parts.length === 0 ? 'whole plane' : parts.join(', ')
}

/** Writes beside and renames: the file is there whole or not at all. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`)
  try {
    await aboutOutput(path, async () => {
      await writeFile(temporary, bytes)
      await rename(temporary, path)
    })
  } finally {
    await rm(temporary, { force: true }).catch(() => {})
  }
}
