/** A part of a pattern: any run of characters, or one character of those in some ranges. */
type Part = 'run' | CharacterSet

interface CharacterSet {
  readonly ranges: readonly (readonly [string, string])[]
  readonly isNegated: boolean
}

const anyCharacter: CharacterSet = { ranges: [], isNegated: true }

/**
 * Whether names match a pattern, as Python's `glob` has it: `*` is any run, `?` any character, `[a-c]` one of these, `[!a-c]` another one;
 * anything else is itself, also brackets, braces and parentheses. Hidden names match only a pattern that begins with a dot.
 */
export function globMatcher(pattern: string): (name: string) => boolean {
  const parts = partsOf(Array.from(pattern))
  const mayBeHidden = pattern.startsWith('.')
  return (name) => (mayBeHidden || !name.startsWith('.')) && matches(Array.from(name), parts)
}

/** Whether a text has a character with a meaning of its own in patterns. */
export function isPattern(text: string): boolean {
  return /[*?[]/.test(text)
}

function partsOf(pattern: readonly string[]): Part[] {
  const parts: Part[] = []
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at] ?? ''
    // A bracket that closes at once is one of the characters.
    const end = character === '[' ? pattern.indexOf(']', at + (pattern[at + 1] === '!' ? 3 : 2)) : -1
    if (character === '*') parts.push('run')
    else if (character === '?') parts.push(anyCharacter)
    else if (end < 0) parts.push({ ranges: [[character, character]], isNegated: false })
    else {
      parts.push(characterSet(pattern.slice(at + 1, end)))
      at = end
    }
  }
  return parts
}

function characterSet(inside: readonly string[]): CharacterSet {
  const isNegated = inside[0] === '!'
  const characters = isNegated ? inside.slice(1) : inside
  const ranges: [string, string][] = []
  for (let at = 0; at < characters.length; at++) {
    const first = characters[at] ?? ''
    const last = characters[at + 2]
    if (characters[at + 1] === '-' && last !== undefined) {
      ranges.push([first, last])
      at += 2
    } else ranges.push([first, first])
  }
  return { ranges, isNegated }
}

/** Goes back to the last run only, so that it ends soon whatever the pattern is. */
function matches(name: readonly string[], parts: readonly Part[]): boolean {
  let [at, part] = [0, 0]
  let run: { readonly part: number; readonly at: number } | undefined
  while (at < name.length) {
    const wanted = parts[part]
    if (wanted === 'run') {
      run = { part, at }
      part++
    } else if (wanted !== undefined && isIn(name[at] ?? '', wanted)) {
      at++
      part++
    } else if (run !== undefined) {
      run = { part: run.part, at: run.at + 1 }
      at = run.at
      part = run.part + 1
    } else return false
  }
  return parts.slice(part).every((rest) => rest === 'run')
}

function isIn(character: string, { ranges, isNegated }: CharacterSet): boolean {
  const code = codeOf(character)
  return ranges.some(([first, last]) => codeOf(first) <= code && code <= codeOf(last)) !== isNegated
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0
}
