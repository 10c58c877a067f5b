// Gives every package the same targets. Package scripts are not used: nx would run them through a pnpm that is not on its path.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const reporters = (lane) => `--reporter=default --reporter=json --outputFile.json=reports/${lane}.json`

const target = (command, cwd, options) => ({ executor: 'nx:run-commands', cache: true, options: { command, cwd }, ...options })

/** Examples see the packages as a third party does: built. */
const needsOf = (cwd) => (cwd.startsWith('examples/') ? { dependsOn: ['^build'] } : {})

/**
 * Types are checked against the declarations of other packages, not their sources: each source is checked once in the workspace, not
 * once for each package. Core's tests use a package that is declared upon core, which must be one with the sources under test.
 */
const against = (cwd) => (cwd === 'packages/core' ? '' : ' --customConditions null')

const targetsOf = (cwd, hasBrowserTests) => ({
  typecheck: target(`tsc --noEmit${against(cwd)} -p .`, cwd, { dependsOn: ['^build', 'build'], inputs: ['default', '^production'] }),
  build: target('tsup', cwd, { ...needsOf(cwd), inputs: ['production', '^production'], outputs: ['{projectRoot}/dist'] }),
  // Worker threads and command line tests run the built packages, so tests come after every build.
  test: target(`vitest run ${reporters('node')}`, cwd, {
    dependsOn: [{ target: 'build', projects: '*' }],
    inputs: ['default', '^production'],
    outputs: ['{projectRoot}/reports/node.json']
  }),
  ...(hasBrowserTests && {
    'test-browser': target(`vitest run --config vitest.browser.config.ts ${reporters('browser')}`, cwd, {
      // Chromium's own version is no input: it prints a changing number.
      inputs: ['default', '^production', { runtime: 'command -v chromium || echo none' }],
      outputs: ['{projectRoot}/reports/browser.json']
    })
  })
})

export const createNodesV2 = [
  '{packages,examples}/*/package.json',
  (files, _options, { workspaceRoot }) =>
    files
      .filter((file) => existsSync(join(workspaceRoot, dirname(file), 'tsconfig.json')))
      .map((file) => {
        const root = dirname(file)
        const { name } = JSON.parse(readFileSync(join(workspaceRoot, file), 'utf8'))
        return [
          file,
          {
            projects: {
              [root]: { root, name, targets: targetsOf(root, existsSync(join(workspaceRoot, root, 'vitest.browser.config.ts'))) }
            }
          }
        ]
      })
]
