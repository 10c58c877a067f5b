// Prints what was measured: the minimum of each library, its spread, and how many times as fast we are.
import { printTable } from '../conformance/report.mjs'

export const minimum = ({ ms }) => (ms.length === 0 ? undefined : Math.min(...ms))
const spread = ({ ms }) => Math.max(...ms) / Math.min(...ms)
const shown = (ms) => (ms === undefined ? '-' : ms < 10 ? ms.toFixed(2) : ms.toFixed(0))

/** How many times as fast as another library we are; `undefined` where it cannot do the work. */
export const ratioTo = (row, name) => {
  const [ours, theirs] = [minimum(row.times.ours), minimum(row.times[name])]
  return ours === undefined || theirs === undefined ? undefined : theirs / ours
}

export const printOperation = ({ title }, rows, names) => {
  const others = names.filter((name) => name !== 'ours')
  console.log(`${title}: milliseconds, minimum (largest / smallest)`)
  printTable([
    ['data', ...names, ...others.map((name) => `x ${name}`)],
    ...rows.map((row) => [
      row.variant,
      ...names.map((name) => {
        const least = minimum(row.times[name])
        return least === undefined ? '-' : `${shown(least)} (${spread(row.times[name]).toFixed(2)})`
      }),
      ...others.map((name) => ratioTo(row, name)?.toFixed(2) ?? '-')
    ])
  ])
  console.log('')
}

export const printMemory = (memory, names) => {
  const megabytes = (bytes) => (bytes / 2 ** 20).toFixed(0)
  console.log('peak resident memory of a process that reads the whole volume, minus the result, MiB')
  const variants = [...new Set(memory.map(({ variant }) => variant))]
  printTable([
    ['data', ...names],
    ...variants.map((variant) => [
      variant,
      ...names.map((name) => {
        const { peakBytes, outputBytes } = memory.find((one) => one.variant === variant && one.library === name)
        return megabytes(peakBytes - outputBytes)
      })
    ])
  ])
}

/** What must hold for whole reads of 512^3 on one thread, as our speed over theirs. */
const targets = {
  zarrita: { raw: 2, gzip: 2, zstd: 2, 'blosc-lz4': 2, 'blosc-zstd': 2 },
  'zarr-python': { raw: 0.8, gzip: 1.2, zstd: 0.6, 'blosc-lz4': 0.8 }
}
const memoryTarget = 128 * 2 ** 20

/** Prints which targets hold; gives those that do not. */
export const printTargets = (results, memory) => {
  const missed = []
  const check = (text, holds) => {
    console.log(`  ${holds ? 'ok    ' : 'MISSED'} ${text}`)
    if (!holds) missed.push(text)
  }
  console.log('\ntargets')
  for (const row of results.find(({ operation }) => operation === 'whole')?.rows ?? []) {
    for (const [name, ofVariant] of Object.entries(targets)) {
      const target = ofVariant[row.variant]
      const ratio = row.times[name] === undefined ? undefined : ratioTo(row, name)
      if (target !== undefined && ratio !== undefined)
        check(`${row.variant}: ${ratio.toFixed(2)} x ${name}, at least ${target}`, ratio >= target)
    }
  }
  for (const { variant, library, peakBytes, outputBytes } of memory) {
    if (library !== 'ours') continue
    const excess = (peakBytes - outputBytes) / 2 ** 20
    check(`${variant}: memory beyond the result ${excess.toFixed(0)} MiB, at most 128`, peakBytes - outputBytes <= memoryTarget)
  }
  return missed
}
