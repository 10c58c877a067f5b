import { SourceError, type Store } from '@bioimage/core'
import { type CubeNames, cubeNamesOf } from './cube-names.js'
import { cubesIn } from './data-set.js'

/** A cube that is there. */
export interface FoundCube {
  readonly key: string
  readonly size: number
}

/** Finds any cube of a magnification whose folders are not listed; `undefined` where none of those looked for is there. */
export type FindCube = (signal: AbortSignal | undefined) => Promise<FoundCube | undefined>

/**
 * Looks for one of several cubes, spread over the grid, until one is found.
 *
 * @param counts Cubes along z, y, x.
 */
export async function probe(
  store: Store,
  keyOf: (position: readonly number[]) => string,
  counts: readonly number[],
  signal: AbortSignal | undefined
): Promise<FoundCube | undefined> {
  // The middle first: it is what most data sets have.
  const [zs, ys, xs] = counts.map((count) => [...new Set([Math.floor((count - 1) / 2), 0, Math.max(0, count - 1)])])
  for (const z of zs ?? [])
    for (const y of ys ?? [])
      for (const x of xs ?? []) {
        const key = keyOf([z, y, x])
        const size = await store.size(key, { signal })
        if (size !== undefined) return { key, size }
      }
  return undefined
}

/** How to tell that a cube is missing, and not called otherwise. */
export interface MissingRules {
  readonly names: CubeNames
  /** Whether cubes of other kinds may lie beside those that are read. */
  readonly hasOthers: boolean
  /** For stores that do not list. Without it, what is not there is missing. */
  readonly findCube: FindCube | undefined
}

/**
 * The store, in which a cube that is not there is missing for certain: no other name for it is in its folder; or, where that is not listed,
 * at least one cube was found by the names that are looked for.
 *
 * @throws ERR_UNSUPPORTED, ERR_NOT_FOUND when read.
 */
export function cubeStore(store: Store, { names, hasOthers, findCube }: MissingRules): Store {
  let isNamed = findCube === undefined
  const checkMissing = async (key: string, signal: AbortSignal | undefined): Promise<void> => {
    if (store.list !== undefined) {
      const folder = key.slice(0, key.lastIndexOf('/'))
      const isMeant = (file: string): boolean =>
        !hasOthers || cubeNamesOf(file, 0)?.extension.toLowerCase() === names.extension.toLowerCase()
      const other = (await cubesIn(store, folder, signal)).find(isMeant)
      if (other === undefined) return
      const cure = hasOthers ? '' : ', or choose a kind by the option `extension`'
      throw new SourceError(
        'ERR_UNSUPPORTED',
        `the cube ${folder}/${other} is called otherwise than the first one, by which ${key} is expected; give all cubes names of one form${cure}`
      )
    }
    if (isNamed) return
    if ((await findCube?.(signal)) === undefined) throw noCubes(key)
    isNamed = true
  }
  const { identity, path, remote, contentEncoding, getsPerRequest, revision, realName } = store
  return {
    identity,
    path,
    remote,
    contentEncoding,
    getsPerRequest,
    ...(revision !== undefined && { revision: (key: string) => revision.call(store, key) }),
    ...(realName !== undefined && { realName: (key: string) => realName.call(store, key) }),
    size: (key, options) => store.size(key, options),
    async get(key, options) {
      const bytes = await store.get(key, options)
      if (bytes === undefined) await checkMissing(key, options?.signal)
      else isNamed = true
      return bytes
    }
  }
}

/** That the names of cubes are probably wrong. */
export function noCubes(key: string): SourceError {
  return new SourceError(
    'ERR_NOT_FOUND',
    `no cube was found by the names of the configuration, such as ${key}: is the experiment called so, and are its cubes of that kind? Pass \`missing: "zeros"\`, and of raw cubes \`dtype\`, to read zeros nevertheless`
  )
}
