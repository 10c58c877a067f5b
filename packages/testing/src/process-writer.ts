/**
 * A process of its own, or a thread, that writes planes along the first axis of an array:
 * `node process-writer.js MODULE PATH INTERNAL_PATH FIRST STEP VALUE [GATE]`. Each plane FIRST, FIRST + STEP, … gets VALUE, line by line,
 * as soon as the file GATE exists. With VALUE `endless` it writes all planes with 1, 2, 3, … until it is killed.
 *
 * @module
 */
import { existsSync } from 'node:fs'
import { openSource } from '@bioimage/core'

const [module = '', path = '', internalPath = '', first = '0', step = '1', value = '1', gate] = process.argv.slice(2)
await import(module)
const source = await openSource(path, { internalPath, mode: 'r+' })
const [planes = 1, lines = 1] = source.shape
process.stdout.write('ready\n')
if (gate !== undefined) while (!existsSync(gate)) await new Promise((resolve) => setTimeout(resolve, 1))
for (let round = 1; ; round++) {
  const content = value === 'endless' ? (round % 100) + 1 : Number(value)
  for (let plane = Number(first); plane < planes; plane += Number(step)) {
    if (gate === undefined) await source.set([plane], content)
    else for (let line = 0; line < lines; line++) await source.set([plane, line], content)
  }
  if (value !== 'endless') break
}
