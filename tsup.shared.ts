import { defineConfig, type Options } from 'tsup'

/** The build of one package: ES modules with types, one output per entry, code shared between entries in chunks. */
export const library = (...entry: string[]): Options =>
  defineConfig({
    entry,
    format: ['esm'],
    target: 'es2022',
    platform: 'neutral',
    clean: true,
    sourcemap: true,
    silent: true,
    // The sources name AsyncDisposable; users without that lib would get TS2304. A reference line in a source is dropped by the build.
    dts: { banner: '/// <reference lib="esnext.disposable" />', compilerOptions: { ignoreDeprecations: '6.0' } }
  }) as Options
