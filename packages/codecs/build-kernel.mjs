// Compiles assembly/ to WebAssembly and embeds it, as base64, in src/kernel/kernel-wasm.generated.ts.
// Run it after every change in assembly/; with --check it only compares and fails when the embedded kernel is stale.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(fileURLToPath(import.meta.url))
const generated = join(root, 'src/kernel/kernel-wasm.generated.ts')
const compiler = join(dirname(createRequire(import.meta.url).resolve('assemblyscript/package.json')), 'bin/asc.js')

const scratch = mkdtempSync(join(tmpdir(), 'kernel-'))
try {
  const binary = join(scratch, 'kernel.wasm')
  const options = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--enable', 'simd', '--outFile', binary]
  execFileSync(process.execPath, [compiler, 'assembly/index.ts', ...options], { cwd: root, stdio: 'inherit' })
  const wasm = readFileSync(binary)
  const data = WebAssembly.Module.customSections(new WebAssembly.Module(wasm), 'data')
  if (data.length > 0) throw new Error('The kernel must not hold static data.')
  const text = `// Made by build-kernel.mjs from assembly/. ${wasm.length} bytes.\nexport const kernelWasm: string =\n  '${wasm.toString('base64')}'\n`
  if (process.argv.includes('--check')) {
    if (readFileSync(generated, 'utf8') !== text) {
      console.error('src/kernel/kernel-wasm.generated.ts is not what assembly/ compiles to: run node build-kernel.mjs')
      process.exitCode = 1
    }
  } else {
    writeFileSync(generated, text)
    console.log(`kernel: ${wasm.length} bytes`)
  }
} finally {
  rmSync(scratch, { recursive: true })
}
