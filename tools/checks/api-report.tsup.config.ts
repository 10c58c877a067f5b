import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { defineConfig, type Options } from 'tsup'

// What the entries of the built package in the working directory declare, each in one file without what they do not show.
const { exports } = JSON.parse(readFileSync('package.json', 'utf8'))
const entry = Object.fromEntries(
  Object.values<string | { types?: string }>(exports).flatMap((target) =>
    typeof target === 'object' && target.types !== undefined ? [[basename(target.types, '.d.ts'), target.types]] : []
  )
)

export default defineConfig({
  entry,
  format: ['esm'],
  platform: 'neutral',
  silent: true,
  dts: {
    only: true,
    entry,
    banner: '/// <reference lib="esnext.disposable" />',
    compilerOptions: { ignoreDeprecations: '6.0', customConditions: [] }
  }
}) as Options
