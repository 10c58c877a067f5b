import type { SourceDriver } from '@bioimage/core'
import { seededRandom } from '../arrays/random.js'
import { check } from '../assert.js'
import type { Suite } from '../suite.js'

const parameterTypes = new Set(['boolean', 'integer', 'integers', 'json', 'number', 'numbers', 'object', 'string', 'strings'])

export function testDriver(suite: Suite): void {
  const { driver, kind, capabilities } = suite.backend
  if (driver === undefined) {
    suite.absent('the driver', 'the backend has none')
    return
  }
  suite.area('driver', () => {
    suite.test('names itself', async () => {
      check(driver.api === 1, `driver.api is ${String(driver.api)}, expected 1`)
      check(driver.kind === kind, `driver.kind is "${driver.kind}", its sources have the kind "${kind}"`)
      check(/^[a-z][a-z0-9-]*$/.test(driver.kind), `driver.kind is "${driver.kind}", expected lower-case letters, digits and dashes`)
      check(/^(@[a-z0-9~._-]+\/)?[a-z0-9~._-]+$/.test(driver.id), `driver.id is "${driver.id}", expected the name of the npm package`)
    })
    suite.test('lists extensions in lower case, with their dot', async () => {
      for (const extension of driver.extensions) check(/^\.[^A-Z/\\]+$/.test(extension), `driver.extensions holds "${extension}"`)
    })
    suite.test('describes its options', async () => {
      for (const [name, type] of Object.entries({ ...driver.schema, ...driver.createSchema })) {
        const known = typeof type === 'string' ? parameterTypes.has(type) : type.length > 0
        check(known, `option "${name}" has the type ${JSON.stringify(type)}`)
        check(!['mode', 'format', 'internalPath', 'context', 'signal'].includes(name), `option "${name}" is taken by openSource itself`)
      }
    })
    if (driver.sniff !== undefined) {
      suite.test('sniffs any bytes without an error, and takes neither empty, zero nor random ones for its own', () => testSniff(driver))
    }
    suite.test('loads a reader that can do what the driver says', async () => {
      const reader = await driver.load()
      check(typeof reader.open === 'function', 'the reader has no open')
      check(
        driver.writable === (reader.create !== undefined),
        `driver.writable is ${driver.writable}, but the reader has ${reader.create === undefined ? 'no create' : 'create'}`
      )
      check(
        (driver.accepts === undefined) === (reader.wrap === undefined),
        'driver.accepts and reader.wrap belong together: one of them is missing'
      )
    })
    suite.test('is writable if the backend is said to write', async () => {
      check(
        driver.writable || capabilities.write === 'none',
        `driver.writable is false, but the capability write is '${capabilities.write}'`
      )
    })
  })
}

async function testSniff({ sniff }: SourceDriver): Promise<void> {
  const length = sniff?.prefixBytes ?? 4096
  check(length >= 0 && length <= 4096, `sniff.prefixBytes is ${length}, expected at most 4096`)
  const random = seededRandom(1)
  const noise = Uint8Array.from({ length }, () => random.below(256))
  for (const prefix of [new Uint8Array(), new Uint8Array(1), new Uint8Array(length), noise, noise.subarray(0, length >> 1)]) {
    check(sniff?.test?.(prefix) !== true, `sniff.test takes ${prefix.byteLength} bytes that mean nothing for this format`)
  }
}
