import { isJsonObject, type Json, type JsonObject, joinKey, type Level, type SourceMetadata } from '@bioimage/core'
import { ancestorsOf, numbersOf } from '@bioimage/core/backend'
import type { Documents } from './documents.js'
import { axesOf, cosemTransform, type Transform, viewerTransform } from './transform.js'
import { formatUnit } from './units.js'

/** BigDataViewer keeps what concerns an image in the two groups above it. */
export const groupsOfImage = 2
const maximalLevels = 32

/** The groups that may describe a data set, nearest first. */
export function describingGroups(path: string): readonly string[] {
  return ancestorsOf(path).slice(0, groupsOfImage)
}

/**
 * The normalised metadata of a data set, from its own attributes and those of the groups above: COSEM's `multiscales` and
 * `transform`, else what {@link viewerTransform} knows; levels are those that a group lists, else the neighbours `s0`, `s1`, ….
 * Metadata that make no sense are left out: they are no reason not to read voxels.
 */
export async function metadataOf(documents: Documents, path: string, attributes: JsonObject, rank: number): Promise<SourceMetadata> {
  const groups = await Promise.all(
    describingGroups(path).map(async (group) => ({ path: group, attributes: (await documents.optional(group)) ?? {} }))
  )
  const transform = transformOf(path, attributes, groups, rank)
  const axes = axesOf(transform)
  const paths = await levelPaths(documents, path, groups)
  const levels = await Promise.all(
    paths.map(async (level): Promise<Level> => {
      const found = level === path ? transform : transformOf(level, (await documents.optional(level)) ?? {}, groups, rank)
      const { scale, translation } = found
      return { internalPath: level, ...(scale !== undefined && { scale }), ...(translation !== undefined && { translation }) }
    })
  )
  return { ...(axes !== undefined && { axes }), ...(levels.length > 1 && { levels }) }
}

/** The data sets that a group names, as paths in the container, for stores that cannot list. */
export function namedLevels(group: string, attributes: JsonObject): readonly string[] {
  const datasets = cosemDatasets(attributes).map((dataset) => joinKey(group, dataset.path))
  if (datasets.length > 0) return datasets
  return (factorLists(attributes) ?? []).map((_, index) => joinKey(group, `s${index}`))
}

/** The attributes that hold this metadata, in stored order: what Neuroglancer, the N5 viewer and this package read. */
export function attributesOf({ axes }: SourceMetadata): JsonObject {
  if (axes === undefined) return {}
  const stored = axes.toReversed()
  const units = stored.map(({ unit }) => (unit === undefined ? '' : formatUnit(unit)))
  const isScaled = stored.every(({ scale }) => scale !== undefined)
  const resolution = stored.map(({ scale }) => scale ?? 1)
  const [unit] = units
  const isCommon = unit !== undefined && unit !== '' && units.every((other) => other === unit)
  return {
    axes: stored.map(({ name }) => name),
    ...(units.some((unit) => unit !== '') && { units }),
    ...(stored.some(({ scale }) => scale !== undefined) && { resolution }),
    ...(isCommon && isScaled && { pixelResolution: { unit, dimensions: resolution } }),
    ...(stored.some(({ translation }) => translation !== undefined) && { offset: stored.map(({ translation }) => translation ?? 0) })
  }
}

interface Group {
  readonly path: string
  readonly attributes: JsonObject
}

function transformOf(path: string, attributes: JsonObject, groups: readonly Group[], rank: number): Transform {
  const own = cosemTransform(attributes.transform, rank)
  if (own !== undefined) return own
  for (const group of groups) {
    const dataset = cosemDatasets(group.attributes).find((dataset) => joinKey(group.path, dataset.path) === path)
    const listed = cosemTransform(dataset?.transform, rank)
    if (listed !== undefined) return listed
  }
  const factors = numbersOf(attributes.downsamplingFactors, rank) ?? listedFactors(path, groups, rank)
  return viewerTransform([attributes, ...groups.map((group) => group.attributes)], factors, rank)
}

/** Factors that a group lists for the level that the path names, such as `s1`. */
function listedFactors(path: string, groups: readonly Group[], rank: number): readonly number[] | undefined {
  const index = levelIndex(path)
  if (index === undefined) return undefined
  for (const { attributes } of groups) {
    const factors = numbersOf(factorLists(attributes)?.[index], rank)
    if (factors !== undefined) return factors
  }
  return undefined
}

/** The list, one entry per level, of the N5 viewer (`scales` or `downsamplingFactors`) and BigDataViewer. */
function factorLists({ scales, downsamplingFactors }: JsonObject): readonly Json[] | undefined {
  const isListOfLists = (value: Json | undefined): value is Json[] => Array.isArray(value) && value.length > 0 && value.every(Array.isArray)
  return [downsamplingFactors, scales].find(isListOfLists)
}

async function levelPaths(documents: Documents, path: string, groups: readonly Group[]): Promise<readonly string[]> {
  for (const group of groups) {
    const paths = cosemDatasets(group.attributes).map((dataset) => joinKey(group.path, dataset.path))
    if (paths.includes(path)) return paths.slice(0, maximalLevels)
  }
  const index = levelIndex(path)
  const [parent] = groups
  if (index === undefined || parent === undefined) return []
  const nameOf = (level: number): string => joinKey(parent.path, `s${level}`)
  for (const { attributes } of groups) {
    const count = Math.min(factorLists(attributes)?.length ?? 0, maximalLevels)
    if (count > index) return Array.from({ length: count }, (_, level) => nameOf(level))
  }
  const paths: string[] = []
  // A few at a time: over a network one round trip counts more than one request.
  for (let level = 0; level < maximalLevels; level += 4) {
    const batch = [level, level + 1, level + 2, level + 3].map(nameOf)
    const found = await Promise.all(batch.map(async (name) => (await documents.optional(name))?.dimensions !== undefined))
    const missing = found.indexOf(false)
    paths.push(...batch.slice(0, missing < 0 ? batch.length : missing))
    if (missing >= 0) break
  }
  return paths.includes(path) ? paths : []
}

function levelIndex(path: string): number | undefined {
  const digits = /(?:^|\/)s(\d{1,3})$/.exec(path)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

interface CosemDataset {
  readonly path: string
  readonly transform: Json | undefined
}

function cosemDatasets({ multiscales }: JsonObject): readonly CosemDataset[] {
  const [first] = Array.isArray(multiscales) ? multiscales.filter(isJsonObject) : []
  const datasets = first?.datasets
  if (!Array.isArray(datasets)) return []
  return datasets
    .filter(isJsonObject)
    .flatMap(({ path, transform }) => (typeof path === 'string' ? [{ path: path.replace(/^\/+|\/+$/g, ''), transform }] : []))
}
