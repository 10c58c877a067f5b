import { fromPythonSpec, fromSpec, isJsonObject, type JsonObject, parseSpec, type SpecBase, toPythonSpec } from '@bioimage/core'
import { check, checkArray, checkRejects, checkSame } from '../assert.js'
import { readArray, type Suite } from '../suite.js'

/** Stands for a credential: it must never be seen in a spec. */
const secret = 'this-is-a-secret-5b1f'

export function testSpec(suite: Suite): void {
  const { backend, reference } = suite
  suite.area('spec', () => {
    if (backend.capabilities.spec === false) {
      suite.absent('specs', 'the capability spec is false')
      suite.test('declares that it has none: toSpec fails with ERR_NOT_SERIALIZABLE', async ({ keep }) => {
        const source = keep(await suite.open())
        await checkRejects(async () => source.toSpec(), 'ERR_NOT_SERIALIZABLE', 'toSpec of data that only this process has')
      })
      return
    }
    suite.test('is pure JSON of the known fields, and says where the data is', async ({ keep }) => {
      const spec = keep(await suite.open()).toSpec()
      checkPureJson(spec, 'spec')
      check(spec.kind === backend.kind, `spec.kind is "${spec.kind}", expected "${backend.kind}"`)
      checkSame(parseSpec(throughJson(spec)), spec, 'parseSpec of the spec')
      const { path } = spec
      check(
        path === undefined || /^(\/|\\\\|[a-zA-Z]:[\\/]|[a-z][a-z0-9+.-]+:)/.test(path),
        `spec.path is "${path}", expected an absolute path or a URL`
      )
    })
    suite.test('holds no credential', async ({ keep }) => {
      const context = { credentials: { token: secret, secret }, headers: () => ({ authorization: `Bearer ${secret}` }) }
      const text = JSON.stringify(keep(await suite.open({ context })).toSpec())
      check(!text.includes(secret), `the spec holds a credential of the context: ${text}`)
    })
    suite.test('opens the same array after a way through JSON, with the same spec', async ({ keep }) => {
      const source = keep(await suite.open())
      const again = keep(await fromSpec(throughJson(source.toSpec())))
      for (const member of ['kind', 'shape', 'dtype', 'chunks', 'shards', 'attrs', 'metadata'] as const) {
        checkSame(again[member], source[member], `${member} of the source reopened from its spec`)
      }
      checkSame(again.toSpec(), source.toSpec(), 'the spec of the source reopened from its spec')
      checkArray(await readArray(again), reference, 'a read of the source reopened from its spec')
    })
    suite.test('works when its source is closed', async ({ keep }) => {
      const source = await suite.open()
      const spec = source.toSpec()
      await source.close()
      checkArray(await readArray(keep(await fromSpec(spec))), reference, 'a read of the source reopened from its spec')
    })
    suite.test('goes through the dialect of the Python package', async ({ keep }) => {
      const spec = keep(await suite.open()).toSpec()
      const python = toPythonSpec(spec)
      checkPureJson(python, 'the Python spec')
      check(isJsonObject(fromPythonSpec(throughJson(python))), 'fromPythonSpec gave no object')
    })
    suite.test('is refused with anything in it that does not belong there', async ({ keep }) => {
      const spec = throughJson(keep(await suite.open()).toSpec())
      const { params } = spec
      const options = isJsonObject(params) ? params : {}
      const hostile: readonly (readonly [string, unknown])[] = [
        ['a field that no spec has', { ...spec, token: secret }],
        ['an option that the kind does not have', { ...spec, params: { ...options, noSuchOption: 1 } }],
        ['a mode that there is not', { ...spec, params: { ...options, mode: 'w+' } }],
        ['a path that is a number', { ...spec, path: 7 }],
        ['an internalPath that is a list', { ...spec, internalPath: ['a'] }],
        ['params that are a list', { ...spec, params: [] }],
        ['a path with a NUL character', { ...spec, path: `${String(spec.path)}\0` }],
        ['a string', JSON.stringify(spec)],
        ['null', null]
      ]
      for (const [what, value] of hostile) await checkRejects(() => fromSpec(value), 'ERR_INVALID_SPEC', `a spec with ${what}`)
      await checkRejects(() => fromSpec({ ...spec, kind: String('no-such-kind') }), 'ERR_UNKNOWN_KIND', 'a spec of an unknown kind')
    })
    suite.test('of something that is not there fails with ERR_NOT_FOUND', async ({ keep }) => {
      const spec = throughJson(keep(await suite.open()).toSpec())
      if (typeof spec.path !== 'string') return
      await checkRejects(() => fromSpec({ ...spec, path: missingPath(String(spec.path)) }), 'ERR_NOT_FOUND', 'a spec of a missing path')
    })
  })
}

/** The same path in a place that does not exist, with the same extension. */
function missingPath(path: string): string {
  return path.replace(/([^/\\]+)$/, 'no-such-place-$1')
}

function throughJson(spec: SpecBase | JsonObject): JsonObject {
  const value: unknown = JSON.parse(JSON.stringify(spec))
  check(isJsonObject(value), 'the spec is not a JSON object')
  return value
}

function checkPureJson(value: unknown, where: string): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return
  if (typeof value === 'number') {
    check(Number.isFinite(value) && !Object.is(value, -0), `${where} is ${String(value)}, which JSON cannot hold`)
  } else if (Array.isArray(value)) {
    for (const [at, item] of value.entries()) checkPureJson(item, `${where}[${at}]`)
  } else {
    check(isJsonObject(value), `${where} is of type ${typeof value}, which is not JSON`)
    check(Object.getOwnPropertySymbols(value).length === 0, `${where} has a member whose name is a symbol`)
    for (const [name, member] of Object.entries(value)) checkPureJson(member, `${where}.${name}`)
  }
}
