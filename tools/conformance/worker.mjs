// One child process of the pool: opens and reads what a job names with the built packages, and checks it.
import { checkFixture } from './check-fixture.mjs'
import { checkHdf5Readers } from './check-hdf5-readers.mjs'
import { checkRealdata } from './check-realdata.mjs'
import { formats } from './formats.mjs'
import { forgetPeak, residentMemory } from './memory.mjs'
import { importPackage, projectRoot } from './packages.mjs'

const checks = { realdata: checkRealdata, fixture: checkFixture, 'hdf5-readers': checkHdf5Readers }
const core = { ...(await importPackage('@bioimage/core')), ...(await importPackage('@bioimage/core/backend')) }

// Nothing may reject behind the back of the caller.
let late
process.on('unhandledRejection', (error) => {
  late = error
})

/** Gives callbacks and late rejections their turn. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 5))

const run = async (job) => {
  const { package: packageName, needs = [] } = formats[job.entry.format]
  for (const name of [packageName, ...needs]) await importPackage(name)
  late = undefined
  globalThis.gc?.()
  forgetPeak()
  const before = residentMemory().now
  process.send({ type: 'started', residentBytes: before })
  const startedAt = process.hrtime.bigint()
  const usage = {}
  const onRead = () => {
    usage.milliseconds ??= Number(process.hrtime.bigint() - startedAt) / 1e6
    usage.memoryBytes ??= Math.max(0, residentMemory().peak - before)
    process.send({ type: 'read' })
  }
  try {
    const outcome = await checks[job.check]({ ...job, core, onRead })
    onRead()
    await settle()
    if (late !== undefined) return { ...outcome, ...usage, status: 'failed', reason: `unhandled rejection: ${late?.stack ?? late}` }
    return { ...outcome, ...usage }
  } catch (error) {
    return { status: 'failed', reason: `the check failed: ${error?.stack ?? error}`, ...usage }
  }
}

process.on('message', async (job) => {
  const outcome = await run(job)
  // The report may go anywhere: no path of this machine belongs in it.
  const reason = outcome.reason?.replaceAll(`${projectRoot}/`, '').replaceAll(`${job.folder}/`, '')
  process.send({ type: 'done', outcome: { ...outcome, reason } })
})
