import { defineConfig, type Options } from 'tsup'

const entry = ['src/index.ts', 'src/driver.ts']

// Every file stays a module of its own: what imports the driver alone does not get the reader.
export default defineConfig({
  entry: ['src/**/*.ts'],
  bundle: false,
  format: ['esm'],
  target: 'es2022',
  platform: 'neutral',
  clean: true,
  silent: true,
  dts: { entry, compilerOptions: { ignoreDeprecations: '6.0' } }
}) as Options
