// The committed WebAssembly kernel is what its sources compile to.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root, startReport } from './report.mjs'

const report = startReport('kernel')
const script = join(root, 'packages', 'codecs', 'build-kernel.mjs')
const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' })
if (status !== 0) report.problem(`${stdout}${stderr}`)
report.finish('the committed kernel is what its sources compile to')
