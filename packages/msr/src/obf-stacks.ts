import { SourceError, type Store } from '@bioimage/core'
import { arrayNotFound, nameArrays } from '@bioimage/core/backend'
import { type FileHeader, readFileHeader } from './file-header.js'
import type { ObfFile } from './read-structure.js'
import { type StackHeader, stackHeaders } from './stack-header.js'

/** The name of all stacks together, as in the Python package. */
export const allStacks = 'data'

/** A file whose header is read, and whose stacks can be followed. */
export interface ObfStacks {
  readonly file: ObfFile
  readonly header: FileHeader
}

export async function openStacks(store: Store, signal: AbortSignal | undefined): Promise<ObfStacks> {
  return readFileHeader(store, signal)
}

/** The headers of all stacks. */
export async function everyStack({ file, header }: ObfStacks, signal: AbortSignal | undefined): Promise<readonly StackHeader[]> {
  const headers: StackHeader[] = []
  for await (const stack of stackHeaders(file, header.first_stack_pos, signal)) headers.push(stack)
  return headers
}

/**
 * The stack of that number or, of those with that name, the first. Reads no further than to that.
 *
 * @throws ERR_NOT_FOUND, naming those that there are.
 */
export async function findStack(stacks: ObfStacks, key: string, signal: AbortSignal | undefined): Promise<StackHeader> {
  const { file, header } = stacks
  const seen: StackHeader[] = []
  const isNumber = /^(0|[1-9][0-9]*)$/.test(key)
  for await (const stack of stackHeaders(file, header.first_stack_pos, signal)) {
    if (isNumber ? stack.index === Number(key) : nameOf(stack) === key) return stack
    seen.push(stack)
  }
  // A name may be a number, of a stack that is not there by its number.
  const named = seen.find((stack) => nameOf(stack) === key)
  if (named !== undefined) return named
  if (seen.length === 0) throw new SourceError('ERR_NOT_FOUND', `${file.store.path ?? 'the file'} has no stacks`, { path: file.store.path })
  const arrays = await nameArrays(async () => keysOf(seen).map((path) => ({ path })))
  throw arrayNotFound('msr', file.store, key, arrays)
}

/** By what the stacks are listed: their names, or their numbers where a name is empty, a number, `data` or another's too. */
export function keysOf(stacks: readonly StackHeader[]): readonly string[] {
  const taken = new Set<string>()
  return stacks.map((stack) => {
    const name = nameOf(stack)
    if (name === '' || name === allStacks || /^[0-9]+$/.test(name) || taken.has(name)) return String(stack.index)
    taken.add(name)
    return name
  })
}

/** The name in the form that core gives to an `internalPath`; `""` for one that cannot be a path. */
function nameOf({ name }: StackHeader): string {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  return parts.includes('..') ? '' : parts.join('/')
}
