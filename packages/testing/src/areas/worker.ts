import { bytesOf } from '@bioimage/core/backend'
import { check, checkSame } from '../assert.js'
import type { Suite } from '../suite.js'
import { askWorker } from '../worker-client.js'

export function testWorker(suite: Suite): void {
  const { backend, reference } = suite
  const { spec: capability } = backend.capabilities
  if (capability === false) {
    suite.absent('reopening in a worker', 'the capability spec is false')
    return
  }
  suite.area('worker', () => {
    suite.test('a worker opens the spec and reads the same bytes', async ({ keep }) => {
      const source = keep(await suite.open())
      const text = JSON.stringify(source.toSpec())
      const reply = await askWorker(capability.worker, JSON.parse(text))
      check(!('error' in reply), `the worker could not read the spec ${text}: ${'error' in reply ? reply.error : ''}`)
      check(reply.kind === backend.kind && reply.dtype === reference.dtype, `the worker opened ${reply.kind} of ${reply.dtype}`)
      checkSame(reply.shape, reference.shape, 'the shape in the worker')
      checkSame(JSON.parse(reply.spec), JSON.parse(text), 'the spec of the source in the worker')
      const expected = bytesOf(reference.data)
      const different = reply.bytes.findIndex((byte, at) => byte !== expected[at])
      check(reply.bytes.byteLength === expected.byteLength && different < 0, `the worker read other bytes, from byte ${different}`)
    })
  })
}
