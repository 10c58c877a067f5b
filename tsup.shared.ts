import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isolatedDeclarationSync } from 'oxc-transform'
import { defineConfig, type Options } from 'tsup'

/**
 * The build of one package: ES modules with types, of which users import the given entries. Every source file stays a module of its own, so that the bundler of an
 * application can leave what only a lazily loaded reader uses (an engine of core, a kernel) out of the first download. In one
 * merged file it could not.
 */
export const library = (...entries: string[]): Options =>
  defineConfig({
    entry: ['src/**/*.ts'],
    bundle: false,
    format: ['esm'],
    target: 'es2022',
    platform: 'neutral',
    clean: true,
    sourcemap: true,
    silent: true,
    onSuccess: () => writeDeclarations('src', 'dist', entries)
  }) as Options

/** The sources name AsyncDisposable; users without that lib would get TS2304. A reference line in a source is dropped by the build. */
const banner = '/// <reference lib="esnext.disposable" />\n'

/** Writes the declarations of every module. They are isolated: each file is translated alone, and only `typecheck` checks types. */
async function writeDeclarations(from: string, to: string, entries: readonly string[]): Promise<void> {
  for (const name of await readdir(from, { recursive: true })) {
    if (!name.endsWith('.ts')) continue
    const fileName = join(from, name)
    // Not TypeScript's own `transpileDeclaration`: 6.0 declares members named by a symbol twice.
    const { code, errors } = isolatedDeclarationSync(fileName, await readFile(fileName, 'utf8'))
    if (errors.length > 0) throw new Error(`${fileName}: ${errors.map(({ message }) => message).join('; ')}`)
    await writeFile(join(to, name.replace(/\.ts$/, '.d.ts')), entries.includes(fileName) ? banner + code : code)
  }
}
