import { type ErrorCode, isSourceError, type NdArray } from '@bioimage/core'
import { describeDifference } from './arrays/elements.js'

/** Fails the test with this message if the condition does not hold. */
export function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message)
}

/** Compares two values by what JSON makes of them; members in any order. */
export function checkSame(found: unknown, expected: unknown, what: string): void {
  const [a, b] = [canonical(found), canonical(expected)]
  check(a === b, `${what} is ${a}, expected ${b}`)
}

/** Compares two arrays by dtype, shape and bytes. */
export function checkArray(found: NdArray, expected: NdArray, what: string): void {
  const difference = describeDifference(found, expected)
  check(difference === undefined, `${what}: ${difference}`)
}

/** The work must fail with a SourceError of one of these codes, whose message says something. */
export async function checkRejects(work: () => unknown, codes: ErrorCode | readonly ErrorCode[], what: string): Promise<void> {
  const expected = typeof codes === 'string' ? [codes] : codes
  const { error, failed } = await outcome(work)
  check(failed, `${what} must fail with ${expected.join(' or ')}, but it succeeded`)
  check(isSourceError(error), `${what} must fail with a SourceError of code ${expected.join(' or ')}, but it failed with ${show(error)}`)
  check(expected.includes(error.code), `${what} must fail with ${expected.join(' or ')}, but it failed with ${show(error)}`)
  check(
    error.message.length >= 10,
    `${what} fails with ${error.code}, but its message ${JSON.stringify(error.message)} does not explain it`
  )
}

/** The work must fail with exactly this value. */
export async function checkRejectsWith(work: () => unknown, reason: unknown, what: string): Promise<void> {
  const { error, failed } = await outcome(work)
  check(failed, `${what} must fail, but it succeeded`)
  check(error === reason, `${what} must fail with the very reason of the abort, but it failed with ${show(error)}`)
}

/** How some work ends. */
export async function outcome<T>(
  work: () => T
): Promise<{ failed: false; value: Awaited<T>; error: undefined } | { failed: true; value: undefined; error: unknown }> {
  try {
    return { failed: false, value: await work(), error: undefined }
  } catch (error) {
    return { failed: true, value: undefined, error }
  }
}

/** An error as a message shows it. */
export function show(error: unknown): string {
  if (isSourceError(error)) return `${error.code}: ${error.message}`
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => {
    if (typeof member === 'bigint') return `${member}n`
    if (typeof member === 'number' && !Number.isFinite(member)) return String(member)
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member
    return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}

/** Long enough for any work that does not wait for something that never comes. */
const deadlineMs = 5000

/** Fails instead of hanging: for promises that a correct source settles without outside help. */
export async function withDeadline<T>(work: Promise<T>, message: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(message)), deadlineMs)
  })
  try {
    return await Promise.race([work, deadline])
  } finally {
    clearTimeout(timer)
  }
}
