import { defineConfig, type Options } from 'tsup'

/**
 * The build of one package: ES modules with types for the given entries. Every source file stays a module of its own, so that
 * the bundler of an application can leave what only a lazily loaded reader uses (an engine of core, a kernel) out of the first
 * download. In one merged file it could not.
 */
export const library = (...entry: string[]): Options =>
  defineConfig({
    entry: ['src/**/*.ts'],
    bundle: false,
    format: ['esm'],
    target: 'es2022',
    platform: 'neutral',
    clean: true,
    sourcemap: true,
    silent: true,
    // The sources name AsyncDisposable; users without that lib would get TS2304. A reference line in a source is dropped by the build.
    dts: { entry, banner: '/// <reference lib="esnext.disposable" />', compilerOptions: { ignoreDeprecations: '6.0' } }
  }) as Options
