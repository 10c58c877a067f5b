/**
 * A process of its own, or a thread, that writes planes of an array: `node writer.mjs PATH FIRST STEP VALUE [GATE]`. Each plane FIRST,
 * FIRST + STEP, … gets VALUE, row by row, as soon as the file GATE exists. With VALUE `endless` it rewrites all planes with
 * 1, 2, 3, … until it is killed.
 */
import { existsSync } from 'node:fs'
import { openSource } from '@bioimage/core'
import '@bioimage/zarr'

const [path, first, step, value, gate] = process.argv.slice(2)
const source = await openSource(path, { mode: 'r+' })
const [planes, rows] = source.shape
process.stdout.write('ready\n')
if (gate !== undefined) while (!existsSync(gate)) await new Promise((resolve) => setTimeout(resolve, 1))
for (let round = 1; ; round++) {
  const content = value === 'endless' ? (round % 250) + 1 : Number(value)
  for (let plane = Number(first); plane < planes; plane += Number(step)) {
    if (gate === undefined) await source.set([plane], content)
    else for (let row = 0; row < rows; row++) await source.set([plane, row], content)
  }
  if (value !== 'endless') break
}
