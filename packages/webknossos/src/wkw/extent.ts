import { joinKey, type Store } from '@bioimage/core'
import { forEachConcurrently } from '@bioimage/core/backend'

const concurrentFolders = 16

/**
 * The extent of the data files of a folder, in files along z, y and x from the origin; `undefined` if there are none, or the
 * store cannot list.
 */
export async function extentOfFiles(store: Store, folder: string, signal?: AbortSignal): Promise<readonly number[] | undefined> {
  if (store.list === undefined) return undefined
  const extent = [0, 0, 0]
  const deep = (await numbersIn(store, folder, /^z(\d+)$/, signal)).flatMap((z) => ({ z, path: joinKey(folder, `z${z}`) }))
  await forEachConcurrently(deep, concurrentFolders, signal, async ({ z, path }) => {
    for (const y of await numbersIn(store, path, /^y(\d+)$/, signal)) {
      const found = await numbersIn(store, joinKey(path, `y${y}`), /^x(\d+)\.wkw$/, signal)
      if (found.length === 0) continue
      const last = found.reduce((most, x) => Math.max(most, x), 0)
      for (const [axis, at] of [z, y, last].entries()) extent[axis] = Math.max(extent[axis] ?? 0, at + 1)
    }
  })
  return extent.includes(0) ? undefined : extent
}

/** The numbers in the names of a folder that have this form. */
async function numbersIn(store: Store, folder: string, form: RegExp, signal: AbortSignal | undefined): Promise<number[]> {
  const numbers: number[] = []
  for await (const { name } of store.list?.(folder, { signal }) ?? []) {
    const number = Number(form.exec(name)?.[1] ?? Number.NaN)
    if (Number.isSafeInteger(number)) numbers.push(number)
  }
  return numbers
}
