import { cp, mkdir, realpath, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { runCli, temporaryFolder } from './run-cli.js'

const folder = await realpath(await temporaryFolder())
const core = fileURLToPath(new URL('../../core', import.meta.url))

/** A third party's backend: text files of numbers. It depends on the published core only. */
const backend = `
import { arraySource, ndarray, registerSource } from '@bioimage/core'
registerSource({
  api: 1, kind: 'numbers', id: 'numbers-backend', extensions: ['.numbers'], writable: false, layout: 'file', schema: {},
  load: async () => ({
    open: async ({ location }) => {
      const text = new TextDecoder().decode(await location.store.get(''))
      return arraySource(ndarray(Float64Array.from(text.trim().split(/\\s+/), Number)))
    }
  })
})
`

async function makePackage(path: string, entry: object): Promise<void> {
  await mkdir(path, { recursive: true })
  await writeFile(join(path, 'package.json'), JSON.stringify({ name: 'numbers-backend', version: '1.0.0', type: 'module', ...entry }))
  await writeFile(join(path, 'main.js'), backend)
}

beforeAll(async () => {
  await mkdir(join(folder, 'node_modules/@bioimage'), { recursive: true })
  await symlink(core, join(folder, 'node_modules/@bioimage/core'))
  await makePackage(join(folder, 'node_modules/numbers-backend'), { exports: { '.': { types: './main.d.ts', import: './main.js' } } })
  await makePackage(join(folder, 'node_modules/with-main'), { main: 'main.js' })
  await writeFile(join(folder, 'broken.mjs'), 'throw new Error("on purpose")')
  await writeFile(join(folder, 'x.numbers'), '1 2 3.5\n')
  await mkdir(join(folder, 'deeper'))
})

describe('--plugin', () => {
  it('adds the backend of an installed package', async () => {
    const without = await runCli(['get', 'x.numbers'], { cwd: folder })
    expect(without.code).toBe(1)
    expect(without.stderr).toMatch(/\[ERR_UNKNOWN_FORMAT\]\n$/)
    const { code, stdout } = await runCli(['get', 'x.numbers', '--json', '--plugin', 'numbers-backend'], { cwd: folder })
    expect(code).toBe(0)
    expect(JSON.parse(stdout).values).toEqual([1, 2, 3.5])
    const formats = await runCli(['--plugin', 'numbers-backend', 'formats'], { cwd: folder })
    expect(formats.stdout).toMatch(/^numbers\s+numbers-backend\s+read\s+\.numbers$/m)
  })

  it('finds packages from folders below, and files', async () => {
    for (const plugin of ['with-main', '../node_modules/numbers-backend', '../node_modules/numbers-backend/main.js']) {
      const { code } = await runCli(['info', '../x.numbers', '--plugin', plugin], { cwd: join(folder, 'deeper') })
      expect(code).toBe(0)
    }
  })

  it.each([
    ['absent-package', 'is not installed'],
    ['./absent.mjs', 'is not installed'],
    ['./broken.mjs', 'on purpose']
  ])('says what is wrong with %s', async (plugin, message) => {
    const { code, stderr } = await runCli(['formats', '--plugin', plugin], { cwd: folder })
    expect(code).toBe(1)
    expect(stderr).toContain(message)
    expect(stderr).toMatch(/\[ERR_NOT_FOUND\]\n$/)
  })
})

describe('configuration file', () => {
  it('names plugins, in the folder and in the home of the person', async () => {
    const project = join(folder, 'project')
    const home = join(folder, 'home')
    await cp(join(folder, 'x.numbers'), join(project, 'x.numbers'))
    await mkdir(join(home, 'bioimage'), { recursive: true })
    expect((await runCli(['info', 'x.numbers'], { cwd: project })).code).toBe(1)
    await writeFile(join(project, 'bioimage.config.json'), '{ "plugins": ["numbers-backend"] }')
    expect((await runCli(['info', 'x.numbers'], { cwd: project })).code).toBe(0)
    await writeFile(join(project, 'bioimage.config.json'), '{}')
    expect((await runCli(['info', 'x.numbers'], { cwd: project })).code).toBe(1)
    await writeFile(join(home, 'bioimage/config.json'), '{ "plugins": ["numbers-backend"] }')
    expect((await runCli(['info', 'x.numbers'], { cwd: project, env: { XDG_CONFIG_HOME: home } })).code).toBe(0)
  })

  it.each(['{', '[]', '{"plugin":["x"]}', '{"plugins":"x"}', '{"plugins":[1]}'])('refuses %s', async (content) => {
    const project = join(folder, 'refused')
    await mkdir(project, { recursive: true })
    await writeFile(join(project, 'bioimage.config.json'), content)
    const { code, stderr } = await runCli(['formats'], { cwd: project })
    expect(code).toBe(2)
    expect(stderr).toMatch(/^bioimage: configuration .*bioimage\.config\.json .*\[ERR_INVALID_ARGUMENT\]\n$/)
  })
})
