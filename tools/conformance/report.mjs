// Prints outcomes: each failure, then a table by format and level.

const megabytes = (bytes) => `${Math.round(bytes / 2 ** 20)} MiB`
const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(2)} s`

/** Columns padded to their widest cell; numbers to the right. */
export const printTable = (rows) => {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)))
  const isNumber = (cell) => /^[\d.,]+( (MiB|s|ms|x))?$/.test(String(cell))
  for (const row of rows) {
    const cells = row.map((cell, column) => {
      const text = String(cell)
      return isNumber(cell) ? text.padStart(widths[column]) : text.padEnd(widths[column])
    })
    console.log(`  ${cells.join('  ')}`.trimEnd())
  }
}

const worst = (outcomes, member) =>
  outcomes.reduce((most, one) => ((one.outcome[member] ?? 0) > (most?.outcome[member] ?? 0) ? one : most), undefined)

/** Prints everything and returns how many entries failed. */
export const report = (outcomes, { groupOf }) => {
  const failures = outcomes.filter(({ outcome }) => outcome.status === 'failed')
  for (const { job, outcome } of failures) console.log(`FAILED ${job.entry.id}\n       ${outcome.reason}`)
  if (failures.length > 0) console.log('')

  const groups = new Map()
  for (const one of outcomes) {
    const key = groupOf(one.job.entry).join('\0')
    groups.set(key, [...(groups.get(key) ?? []), one])
  }
  const count = (members, status) => members.filter(({ outcome }) => outcome.status === status).length
  const rows = [...groups.entries()]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, members]) => [
      ...key.split('\0'),
      members.length,
      count(members, 'passed'),
      count(members, 'unsupported'),
      count(members, 'failed'),
      seconds(worst(members, 'milliseconds')?.outcome.milliseconds ?? 0),
      megabytes(worst(members, 'memoryBytes')?.outcome.memoryBytes ?? 0)
    ])
  printTable([['format', 'level', 'expected', 'entries', 'right', 'unsupported', 'failed', 'slowest', 'most memory'], ...rows])

  const slowest = worst(outcomes, 'milliseconds')
  const largest = worst(outcomes, 'memoryBytes')
  if (slowest !== undefined) console.log(`\nslowest entry: ${seconds(slowest.outcome.milliseconds)} ${slowest.job.entry.id}`)
  if (largest !== undefined) console.log(`most memory:   ${megabytes(largest.outcome.memoryBytes)} ${largest.job.entry.id}`)
  const right = count(outcomes, 'passed')
  const refused = count(outcomes, 'unsupported')
  console.log(`\n${right + refused} passed (${refused} of them by a clear "unsupported"), ${failures.length} failed`)
  return failures.length
}

/** The outcomes as JSON values. */
export const summary = (outcomes) =>
  outcomes.map(({ job, outcome }) => ({ id: job.entry.id, format: job.entry.format, level: job.entry.level, ...outcome }))
