import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

/** The root of the workspace. */
export const workspace = fileURLToPath(new URL('../../../', import.meta.url))

/**
 * Builds the given TypeScript into one module and loads it. Everything of ours is in it, so system
 * calls can be replaced by `recordFiles`; packages stay outside.
 */
export async function loadLibrary(source) {
  return import(pathToFileURL(await buildLibrary(source)).href)
}

/** Builds the given TypeScript into one module and returns its path. */
export async function buildLibrary(source) {
  const folder = path.join(workspace, 'node_modules', '.cache', 'dsv-reliability')
  mkdirSync(folder, { recursive: true })
  const name = createHash('sha256').update(source).digest('hex').slice(0, 12)
  // Each process has a file of its own: suites may run side by side.
  const outfile = path.join(folder, `${name}-${process.pid}.mjs`)
  await build({
    stdin: { contents: source, resolveDir: workspace, loader: 'ts' },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@dsv/source'],
    logLevel: 'warning',
    external: ['@napi-rs/blake-hash', 'blake3-wasm', 'level', 'msgpackr', 'sharp'],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  })
  return outfile
}

/** All that is public in the packages. */
export const PUBLIC = `
  export * from '@dsv/store'
  export * from '@dsv/core'
  export * from '@dsv/formats'
`
