import type { CodecSpec, Json } from '@bioimage/core'
import { invalid } from './codec-errors.js'

interface IntegerRange {
  readonly min: number
  readonly max: number
}

/** An integer option. `null` and absent mean `fallback`; without one the option is required. */
export function integerOption(spec: CodecSpec, name: string, { min, max }: IntegerRange, fallback?: number): number {
  const value = spec[name] ?? fallback
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw invalid(spec.id, `"${name}" is ${JSON.stringify(value)}, expected an integer from ${min} to ${max}`)
  }
  return value
}

/** A finite number. `null` and absent mean `fallback`; without one the option is required. */
export function numberOption(spec: CodecSpec, name: string, fallback?: number): number {
  const value = spec[name] ?? fallback
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw invalid(spec.id, `"${name}" is ${JSON.stringify(value)}, expected a number`)
  }
  return value
}

export function booleanOption(spec: CodecSpec, name: string, fallback: boolean): boolean {
  const value = spec[name] ?? fallback
  if (typeof value !== 'boolean') throw invalid(spec.id, `"${name}" is ${JSON.stringify(value)}, expected true or false`)
  return value
}

/** One of a fixed set of texts. `null` and absent mean `fallback`; without one the option is required. */
export function choiceOption<T extends string>(spec: CodecSpec, name: string, choices: readonly T[], fallback?: T): T {
  const value: Json | undefined = spec[name] ?? fallback
  const choice = choices.find((candidate) => candidate === value)
  if (choice === undefined) {
    throw invalid(spec.id, `"${name}" is ${JSON.stringify(value)}, expected one of ${choices.map((each) => `"${each}"`).join(', ')}`)
  }
  return choice
}

/** A list of non-negative integers. */
export function integersOption(spec: CodecSpec, name: string): number[] {
  const value = spec[name]
  const numbers: number[] = []
  for (const entry of Array.isArray(value) ? value : [undefined]) {
    if (typeof entry !== 'number' || !Number.isSafeInteger(entry) || entry < 0) {
      throw invalid(spec.id, `"${name}" is ${JSON.stringify(value)}, expected a list of integers that are not negative`)
    }
    numbers.push(entry)
  }
  return numbers
}
