import { readFileSync } from 'node:fs'
import { defineConfig, type Options } from 'tsup'

// The declarations of the package in the working directory, without what its entries do not show.
const { exports } = JSON.parse(readFileSync('package.json', 'utf8'))
const entry = Object.values<string | { '@bioimage/source'?: string }>(exports).flatMap((target) =>
  typeof target === 'object' && target['@bioimage/source'] !== undefined ? [target['@bioimage/source']] : []
)

export default defineConfig({
  entry,
  format: ['esm'],
  platform: 'neutral',
  silent: true,
  dts: { only: true, entry, banner: '/// <reference lib="esnext.disposable" />', compilerOptions: { ignoreDeprecations: '6.0' } }
}) as Options
