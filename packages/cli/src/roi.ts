import { type Index, type IndexEntry, slice } from '@bioimage/core'
import { UsageError } from './failure.js'

/**
 * Reads a region written as numpy writes it, without spaces or with: `0:16,:,5`, `...,0`, `-10:`, `::2`. Brackets around it
 * are accepted. Whether it fits the array is checked when the array is read.
 *
 * @throws UsageError for anything else.
 */
export function parseRoi(text: string): Index {
  const inner = text.trim().replace(/^\[(.*)\]$/s, '$1')
  return inner.split(',').map((part) => parseEntry(part.trim(), text))
}

function parseEntry(entry: string, roi: string): IndexEntry {
  if (entry === '...') return '...'
  const bounds = entry.split(':').map((bound) => bound.trim())
  if (entry === '' || bounds.length > 3 || !bounds.every((bound) => /^([+-]?\d+)?$/.test(bound))) {
    throw new UsageError(
      `--roi ${JSON.stringify(roi)}: ${JSON.stringify(entry)} is not an integer, a range such as 0:16 or ::2, or "..."; separate axes by commas`
    )
  }
  const [first, second, third] = bounds.map((bound) => (bound === '' ? null : Number(bound)))
  if (bounds.length === 1) return first ?? null
  return slice(first, second, third ?? null)
}
