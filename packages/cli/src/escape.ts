/** Control characters, and those that reorder or break lines: in names from files they could steer the terminal. */
const unsafe = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu

/** The text on one line, safe for a terminal: control characters as in JSON, such as `\u001b`. */
export function escapeControls(text: string): string {
  return text.replace(unsafe, asEscape)
}

/** As {@link escapeControls}, for text of several lines. */
export function escapeControlsInLines(text: string): string {
  return text.replace(unsafe, (character) => (character === '\n' ? character : asEscape(character)))
}

function asEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
