// Bundles the command line: one entry with split chunks, so that a command loads only what it uses,
// and one more for each worker thread. Packages with native parts stay outside.
import { execFileSync } from 'node:child_process'
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, transform } from 'esbuild'
import { skipIndexFiles } from './skip-index-files.js'

const here = (place) => fileURLToPath(new URL(place, import.meta.url))

// Built beside its place and renamed: a build that fails, or a test that runs meanwhile, finds the
// old bundle whole.
const fresh = here(`bundle-${process.pid}`)
const { outputFiles } = await build({
  write: false,
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
  alias: {
    'string-width': here('plain-width.js'),
    msgpackr: here('late-msgpackr.js'),
  },
  sourcemap: 'inline',
  logLevel: 'warning',
  external: [
    '@aws-sdk/client-s3',
    '@azure/storage-blob',
    'ssh2',
    'isomorphic-git',
    '@napi-rs/blake-hash',
    'blake3-wasm',
    'level',
    'sharp',
  ],
})
mkdirSync(fresh, { recursive: true })
writeFileSync(path.join(fresh, 'package.json'), '{ "type": "commonjs" }\n')
await Promise.all(outputFiles.map(writeAsCommonJs))
execFileSync(process.execPath, [here('write-code-cache.js'), fresh], {
  stdio: ['ignore', 'ignore', 'inherit'],
})
const old = here(`bundle-old-${process.pid}`)
try {
  renameSync(here('bundle'), old)
} catch (error) {
  if (error.code !== 'ENOENT') throw error
}
renameSync(fresh, here('bundle'))
rmSync(old, { recursive: true, force: true })

/** Node loads CommonJS in half the time of ES modules, but only of these esbuild splits chunks. */
async function writeAsCommonJs({ path: file, text }) {
  const { code, map } = await transform(text, {
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    define: { 'import.meta.url': '__here' },
    supported: { 'dynamic-import': false },
    sourcefile: path.basename(file),
    sourcemap: 'external',
  })
  const prelude = code.includes('__here')
    ? "const __here = require('node:url').pathToFileURL(__filename).href; "
    : ''
  const name = path.basename(file)
  writeFileSync(path.join(fresh, name), `${prelude}${code}//# sourceMappingURL=${name}.map\n`)
  writeFileSync(path.join(fresh, `${name}.map`), map)
}
