import { mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

/**
 * Loads modules that are written in TypeScript beside the tests of a package, as one module which imports
 * the built packages.
 *
 * @param {string} root - The repository
 * @param {string} folder - Where the modules are, relative to the root
 * @param {string} contents - What to export: `export { a } from './a.ts'`
 */
export async function loadTestModules(root, folder, contents) {
  const cache = path.join(root, 'node_modules', '.cache', 'dsv-scripts')
  mkdirSync(cache, { recursive: true })
  const outfile = path.join(cache, `modules-${process.pid}.mjs`)
  await build({
    stdin: { contents, resolveDir: path.join(root, folder) },
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    outfile,
  })
  try {
    return await import(pathToFileURL(outfile).href)
  } finally {
    rmSync(outfile)
  }
}
