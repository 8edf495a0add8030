// Bundles the command line: one entry with split chunks, so that a command loads only what it uses,
// and one more for each worker thread. Packages with native parts stay outside.
import { renameSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { skipIndexFiles } from './skip-index-files.js'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))

// Built beside its place and renamed: a build that fails, or a test that runs meanwhile, finds the
// old bundle whole.
const fresh = here(`bundle-${process.pid}`)
await build({
  entryPoints: {
    main: here('src/main.ts'),
    'ingest-worker': here('../store/src/ingest/ingest-worker.ts'),
  },
  outdir: fresh,
  bundle: true,
  plugins: [skipIndexFiles],
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  conditions: ['@dsv/source'],
  alias: { 'string-width': here('plain-width.js') },
  sourcemap: true,
  logLevel: 'warning',
  external: [
    '@aws-sdk/client-s3',
    '@azure/storage-blob',
    'ssh2',
    'isomorphic-git',
    '@napi-rs/blake-hash',
    'blake3-wasm',
    'level',
    'msgpackr',
    'sharp',
  ],
  // Bundled CommonJS packages call require(); ES modules have none.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
})
const old = here(`bundle-old-${process.pid}`)
try {
  renameSync(here('bundle'), old)
} catch (error) {
  if (error.code !== 'ENOENT') throw error
}
renameSync(fresh, here('bundle'))
rmSync(old, { recursive: true, force: true })
