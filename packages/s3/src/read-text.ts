/**
 * The text of a reply, up to so many bytes; `undefined` if it is longer.
 *
 * @param onProgress Called whenever bytes have come.
 */
export async function readText(response: Response, maxBytes: number, onProgress: () => void = () => {}): Promise<string | undefined> {
  const reader = response.body?.getReader()
  if (reader === undefined) return ''
  const decoder = new TextDecoder()
  let text = ''
  let total = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return text + decoder.decode()
      onProgress()
      total += value.byteLength
      if (total > maxBytes) return undefined
      text += decoder.decode(value, { stream: true })
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}
