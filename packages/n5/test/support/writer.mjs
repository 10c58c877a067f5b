/**
 * A process of its own that writes planes of an array: `node writer.mjs PATH FIRST STEP VALUE`. Each plane FIRST, FIRST + STEP, …
 * gets VALUE. With VALUE `endless` it rewrites all planes with 1, 2, 3, … until it is killed.
 */
import { openSource } from '@bioimage/core'
import '@bioimage/n5'

const [path, first, step, value] = process.argv.slice(2)
const source = await openSource(path, { mode: 'r+' })
const planes = source.shape[0]
process.stdout.write('ready\n')
for (let round = 1; ; round++) {
  const content = value === 'endless' ? (round % 250) + 1 : Number(value)
  for (let plane = Number(first); plane < planes; plane += Number(step)) await source.set([plane], content)
  if (value !== 'endless') break
}
