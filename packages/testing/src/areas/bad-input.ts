import { isSourceError } from '@bioimage/core'
import { check, checkRejects, outcome } from '../assert.js'
import { type RecordingStore, recordingStore } from '../stores/recording-store.js'
import { readArray, type Suite, uncached } from '../suite.js'

export function testBadInput(suite: Suite): void {
  const { badInputs = [] } = suite.backend
  if (badInputs.length === 0) {
    suite.absent('bad input', 'no badInputs are given')
    return
  }
  suite.area('bad input', () => {
    for (const { name, code, open } of badInputs) {
      suite.test(`${name}: ${code}`, async ({ keep }) => {
        const stores: RecordingStore[] = []
        const wrap: Parameters<typeof open>[0]['wrap'] = (store) => {
          const recording = recordingStore(uncached(store))
          stores.push(recording)
          return recording
        }
        const work = async (): Promise<unknown> => readArray(keep(await open({ wrap })))
        await checkRejects(work, code, name)
        const { error } = await outcome(work)
        check(isSourceError(error, code), `${name}: it fails another way the second time`)
        const changes = stores.flatMap(({ requests }) => requests).filter(({ method }) => method === 'set' || method === 'delete')
        check(changes.length === 0, `${name}: reading it changed ${JSON.stringify(changes[0]?.key)}`)
      })
    }
  })
}
