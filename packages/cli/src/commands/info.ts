import { type ArrayInfo, isSourceError, listArrays, type OpenOptions, openSource, SourceError } from '@bioimage/core'
import { isDType, itemSizeOf, sizeOf } from '@bioimage/core/backend'
import { aboutInput, type InputOptions, openOptionsOf, shownPath } from '../input.js'
import type { Session } from '../session.js'
import { formatTree } from '../table.js'
import { formatAxes, formatBytes, formatShape } from '../units.js'

/**
 * `bioimage info PATH`: the arrays of a file or container, or with `--array` one of them with its attributes and spec.
 *
 * @throws after the listing, if it has arrays and none of them can be opened: the error of the first.
 */
export async function info(session: Session, [path = '']: readonly string[], options: InputOptions): Promise<void> {
  const open = openOptionsOf(session, { ...options, array: undefined })
  const key = options.array?.replace(/^\/+|\/+$/g, '')
  const arrays = (await aboutInput(path, () => listArrays(path, { ...open, measure: true }))).filter(
    ({ internalPath }) => key === undefined || key === internalPath || internalPath.startsWith(`${key}/`) || key === ''
  )
  if (key !== undefined && arrays.length === 0) {
    // Also where a container cannot be listed; else this fails and says what there is.
    await (await openSource(path, { ...open, internalPath: key })).close()
  }
  const kind = await kindOf(path, open, arrays)
  const single = key !== undefined && arrays.length <= 1 ? await describeSource(path, { ...open, internalPath: key }) : undefined
  const total = arrays.every(({ storedBytes }) => storedBytes !== undefined) ? sumOf(arrays) : undefined
  session.printJson({ path: shownPath(path), kind, storedBytes: total ?? null, arrays: arrays.map(describeArray), ...single })
  const count = arrays.length === 1 ? '1 array' : `${arrays.length} arrays`
  session.print(
    `${shownPath(path)}  (${[kind, count, total === undefined ? undefined : formatBytes(total)].filter((part) => part).join(', ')})`
  )
  for (const line of formatTree(arrays.map((array) => ({ path: array.internalPath, lines: linesOf(array) })))) session.print(line)
  if (single !== undefined) {
    session.print(`attributes  ${JSON.stringify(single.attributes, null, 2)}`)
    session.print(`spec        ${JSON.stringify(single.spec)}`)
  }
  if (arrays.length > 0 && arrays.every(({ problem }) => problem !== undefined)) await failAsFirst(path, open, arrays)
}

/** Lists tell the problem as a text; its code comes from opening the array. */
async function failAsFirst(path: string, options: OpenOptions, arrays: readonly ArrayInfo[]): Promise<void> {
  const { internalPath = '', problem = '' } = arrays[0] ?? {}
  const { code, cause } = await openSource(path, { ...options, internalPath }).then(
    async (source) => {
      await source.close()
      return { code: 'ERR_UNSUPPORTED' as const, cause: undefined }
    },
    (error: unknown) => {
      if (isSourceError(error)) return { code: error.code, cause: error }
      throw error
    }
  )
  const which = arrays.length === 1 ? 'cannot be read' : `holds ${arrays.length} arrays, and none can be read; the first`
  throw new SourceError(code, `${shownPath(path)} ${which}: ${problem}`, { path: shownPath(path), cause })
}

/** Whether shape and dtype are told: of an array whose metadata cannot be read they are not. */
function isDescribed({ problem, dtype }: ArrayInfo): boolean {
  return problem === undefined || dtype !== 'unknown'
}

/** The facts of an array that people and programs want, computed ones included. */
function describeArray(array: ArrayInfo): object {
  const described = isDescribed(array) ? {} : { shape: null, dtype: null }
  return {
    ...array,
    ...described,
    byteLength: byteLengthOf(array) ?? null,
    storedBytes: array.storedBytes ?? null,
    ratio: ratioOf(array) ?? null
  }
}

function linesOf(array: ArrayInfo): readonly string[] {
  const { shape, dtype, chunks, shards, codecs, storedBytes, metadata, problem } = array
  const bytes = byteLengthOf(array)
  const ratio = ratioOf(array)
  const layout = [
    chunks === null ? undefined : `chunks ${formatShape(chunks)}`,
    shards === null ? undefined : `shards ${formatShape(shards)}`,
    codecs.length === 0 ? undefined : codecs.join(' → ')
  ].filter((part) => part !== undefined)
  const size = [
    storedBytes === undefined ? undefined : `${formatBytes(storedBytes)} stored`,
    bytes === undefined ? undefined : `${formatBytes(bytes)} of voxels`,
    ratio === undefined ? undefined : `ratio ${ratio.toFixed(2)}`
  ].filter((part) => part !== undefined)
  const axes = formatAxes(metadata)
  return [
    ...(isDescribed(array) ? [`${dtype}  ${formatShape(shape)}`] : []),
    ...(layout.length > 0 ? [layout.join(', ')] : []),
    ...(size.length > 0 ? [size.join(', ')] : []),
    ...(axes === undefined ? [] : [axes]),
    ...(metadata.channels === undefined ? [] : [`channels ${metadata.channels.join(', ')}`]),
    ...(problem === undefined ? [] : [`cannot be read: ${problem}`])
  ]
}

function byteLengthOf({ dtype, shape }: ArrayInfo): number | undefined {
  return isDType(dtype) ? sizeOf(shape) * itemSizeOf(dtype) : undefined
}

/** How many times smaller the stored array is than its voxels. */
function ratioOf(array: ArrayInfo): number | undefined {
  const bytes = byteLengthOf(array)
  return bytes === undefined || array.storedBytes === undefined || array.storedBytes === 0 ? undefined : bytes / array.storedBytes
}

function sumOf(arrays: readonly ArrayInfo[]): number {
  return arrays.reduce((sum, { storedBytes = 0 }) => sum + storedBytes, 0)
}

/** The backend that reads the path: that of an array in it. */
async function kindOf(path: string, options: OpenOptions, arrays: readonly ArrayInfo[]): Promise<string | undefined> {
  const readable = arrays.find(({ problem }) => problem === undefined)
  if (options.format !== undefined || readable === undefined) return options.format
  try {
    const source = await openSource(path, { ...options, internalPath: readable.internalPath })
    await source.close()
    return source.kind
  } catch (error) {
    if (isSourceError(error)) return undefined
    throw error
  }
}

async function describeSource(path: string, options: OpenOptions): Promise<{ attributes: object; spec: object }> {
  const source = await openSource(path, options)
  try {
    return { attributes: source.attrs, spec: source.toSpec() }
  } finally {
    await source.close()
  }
}
