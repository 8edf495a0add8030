import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

/** The root of the workspace. */
export const workspace = fileURLToPath(new URL('../../../', import.meta.url))

/** Where the packages are taken from: another checkout can be tried with `DSV_SOURCE`. */
const source = process.env.DSV_SOURCE || workspace
const aliases = Object.fromEntries(
  ['store', 'core', 'formats', 'remote'].map((name) => [
    `@dsv/${name}`,
    path.join(source, 'packages', name, 'src', 'index.ts'),
  ]),
)

/**
 * Builds the given TypeScript into one module and loads it. Everything of ours is in it, so system
 * calls can be replaced by `recordFiles`; packages stay outside.
 */
export async function loadLibrary(contents) {
  return import(pathToFileURL(await buildLibrary(contents)).href)
}

/** Builds the given TypeScript into one module and returns its path. */
export async function buildLibrary(contents) {
  const folder = path.join(workspace, 'node_modules', '.cache', 'dsv-reliability')
  mkdirSync(folder, { recursive: true })
  const name = createHash('sha256').update(contents).digest('hex').slice(0, 12)
  // Each process has a file of its own: suites may run side by side.
  const outfile = path.join(folder, `${name}-${process.pid}.mjs`)
  await build({
    stdin: { contents, resolveDir: source, loader: 'ts' },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    alias: aliases,
    logLevel: 'warning',
    external: [
      '@aws-sdk/*',
      '@azure/*',
      '@napi-rs/blake-hash',
      '@smithy/*',
      'blake3-wasm',
      'isomorphic-git',
      'level',
      'msgpackr',
      'sharp',
      'ssh2',
    ],
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

/** The same, and what concerns remotes, with the server that stands in for a bucket. */
export const WITH_REMOTES = `${PUBLIC}
  export * from '@dsv/remote'
  export { s3Driver } from './packages/remote/src/driver/s3/s3-driver.ts'
  export { startS3Server } from './packages/remote/test/driver/s3/s3-server.ts'
`
